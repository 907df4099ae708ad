import {
  type DefaultError,
  InfiniteQueryObserver,
  type InfiniteQueryObserverResult,
  notifyManager,
  QueryClient,
  QueryObserver,
  type QueryObserverResult,
} from '@tanstack/query-core'
import { useEffect, useReducer, useRef } from 'preact/hooks'
import { type Answer, call, type Input, type PathsOf } from './api.ts'
import type { Failure } from './failure.ts'
import { onSignedOut } from './session.ts'

/** What the API has answered, kept so that no page asks for the same thing twice. */
export const answers = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 5 * 60_000,
      // Another try only where trying again can help.
      retry: (failures, error) => {
        const { code } = error as unknown as Failure
        return failures < 2 && code === 'service_unavailable'
      },
      retryDelay: (attempt) => 600 * 2 ** attempt,
      networkMode: 'always',
    },
  },
})
answers.mount()
onSignedOut(() => answers.clear())

interface Options {
  enabled?: boolean
  /** Milliseconds between looks, for what changes while it is looked at. */
  every?: number | false
  as?: 'person' | 'public'
  /** A status that is an answer like 200, with the same body. */
  alsoOn?: number
}

type GetPath = PathsOf<'get'>
export type Seen<Data> = QueryObserverResult<Data, Failure>

/** Reads from the API: the kept answer at once, and a fresh one when that is due. */
export function useGet<P extends GetPath>(
  path: P,
  input: Input<P, 'get'> = {} as Input<P, 'get'>,
  { enabled = true, every = false, as = 'person', alsoOn }: Options = {},
): Seen<Answer<P, 'get'>> {
  const options = answers.defaultQueryOptions<
    Answer<P, 'get'>,
    Failure,
    Answer<P, 'get'>,
    Answer<P, 'get'>,
    readonly unknown[]
  >({
    queryKey: [path, input],
    queryFn: ({ signal }) => call('get', path, input, { as, alsoOn, signal }),
    enabled,
    refetchInterval: every,
  })
  return useObserver(
    () => new QueryObserver(answers, options),
    (observer) => observer.setOptions(options),
    (observer) => observer.getOptimisticResult(options),
    JSON.stringify([path, input, enabled, every]),
  )
}

interface Page {
  next_cursor: string | null
}

/** Reads a list page by page, as far as somebody has asked for more. */
export function usePages<P extends GetPath>(
  path: P,
  input: Input<P, 'get'>,
): InfiniteQueryObserverResult<{ pages: Answer<P, 'get'>[] }, Failure> {
  type Data = { pages: Answer<P, 'get'>[]; pageParams: (string | null)[] }
  const options = answers.defaultQueryOptions({
    queryKey: [path, input, 'pages'],
    queryFn: ({ pageParam, signal }: { pageParam: string | null; signal: AbortSignal }) => {
      const { query } = input as { query?: Record<string, unknown> }
      const paged = { ...input, query: { ...query, ...(pageParam && { cursor: pageParam }) } }
      return call('get', path, paged as Input<P, 'get'>, { signal })
    },
    initialPageParam: null,
    getNextPageParam: (last: unknown) => (last as Page).next_cursor,
  } as never) as never
  return useObserver(
    () => new InfiniteQueryObserver<Answer<P, 'get'>, DefaultError, Data>(answers, options),
    (observer) => observer.setOptions(options),
    (observer) => observer.getOptimisticResult(options) as never,
    JSON.stringify([path, input]),
  )
}

interface Observer {
  subscribe(listener: () => void): () => void
}

function useObserver<O extends Observer, Result>(
  make: () => O,
  update: (observer: O) => void,
  read: (observer: O) => Result,
  key: string,
): Result {
  const kept = useRef<O | undefined>(undefined)
  kept.current ??= make()
  const observer = kept.current
  const [, draw] = useReducer((times: number, _: unknown) => times + 1, 0)
  useEffect(() => update(observer), [key])
  useEffect(() => observer.subscribe(notifyManager.batchCalls(() => draw(null))), [])
  return read(observer)
}

/** What was read at these paths is out of date: whoever shows it reads it again. */
export function outdated(...paths: GetPath[]): Promise<void> {
  return answers.invalidateQueries({
    predicate: ({ queryKey }) => paths.includes(queryKey[0] as GetPath),
  })
}
