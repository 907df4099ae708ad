import createClient from 'openapi-fetch'
import type { paths } from '../api/schema'
import { asFailure, failureOf } from './failure.ts'
import { accessToken, renew, sessionEnded } from './session.ts'

const TIMEOUT_MS = 20_000

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type Operation<P extends keyof paths, M extends Method> = paths[P][M]

/** The paths that have such a method. */
export type PathsOf<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends { responses: unknown } ? P : never
}[keyof paths]

type JsonOf<Answer> = Answer extends { content: { 'application/json': infer Body } } ? Body : never
/** What a call answers with when it succeeds. */
export type Answer<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R }
    ? { [S in keyof R]: S extends 200 | 201 | 202 ? JsonOf<R[S]> : never }[keyof R]
    : never

type Parameters<Op> = Op extends { parameters: infer P } ? P : unknown
type Part<All, Name extends string> = All extends { [N in Name]: infer Value }
  ? { [N in Name]: Value }
  : All extends { [N in Name]?: infer Value }
    ? { [N in Name]?: Value }
    : unknown
type BodyOf<Op> = Op extends { requestBody: { content: { 'application/json': infer Body } } }
  ? { body: Body }
  : Op extends { requestBody?: { content: { 'application/json': infer Body } } }
    ? { body?: Body }
    : unknown

/** What a call takes: what stands in its path, in its query, and its body. */
export type Input<P extends keyof paths, M extends Method> = Part<
  Parameters<Operation<P, M>>,
  'path'
> &
  Part<Parameters<Operation<P, M>>, 'query'> &
  BodyOf<Operation<P, M>>

interface Options {
  /** `public`: without a token, and a 401 is an answer like any other. */
  as?: 'person' | 'public'
  /** A status that is an answer like 200, with the same body. */
  alsoOn?: number
  signal?: AbortSignal
}

const client = createClient<paths>({ baseUrl: location.origin, fetch: timed })

/**
 * Calls the API as its description has it.
 *
 * @throws {Failure} whatever goes wrong, in a form that can be shown
 */
export async function call<M extends Method, P extends PathsOf<M>>(
  method: M,
  path: P,
  input: Input<P, M>,
  { as = 'person', alsoOn, signal }: Options = {},
): Promise<Answer<P, M>> {
  const { path: inPath, query, body } = input as Record<string, Record<string, unknown>>
  const send = async (token: string | undefined) =>
    client.request(
      method,
      path as never,
      {
        params: { path: inPath, query },
        body,
        signal,
        headers: token ? { authorization: `Bearer ${token}` } : {},
      } as never,
    ) as Promise<{ data?: Answer<P, M>; error?: unknown; response: Response }>
  try {
    const token = as === 'person' ? await accessToken() : undefined
    let answer = await send(token)
    if (answer.response.status === 401 && token && isAboutSession(answer.error)) {
      answer = await send(await renew(token))
      if (answer.response.status === 401 && isAboutSession(answer.error)) sessionEnded()
    }
    if (answer.response.status === alsoOn) return answer.error as Answer<P, M>
    if (!answer.response.ok) throw failureOf(answer.response, answer.error)
    return answer.data as Answer<P, M>
  } catch (error) {
    throw asFailure(error)
  }
}

/** A wrong password at a step-up is also 401, and no reason to doubt the session. */
function isAboutSession(body: unknown): boolean {
  const { code } = (body ?? {}) as { code?: string }
  return code === 'not_authenticated' || code === 'invalid_token'
}

function timed(request: Request): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)])
  return fetch(request, { signal })
}
