import { errors as upstash } from '@upstash/redis'
import { isDatabaseOutage, isOfDatabase, sqlStateOf } from './db/errors.ts'

/** Which store has failed, and the class of the reason: never a message, which can hold values. */
export interface StoreFailure {
  store: 'PostgreSQL' | 'Redis'
  reason: string
}

/** What the log says of a failure, if it was a store's; else nothing. */
export function storeFailureOf(error: unknown): StoreFailure | undefined {
  if (isOfDatabase(error)) return { store: 'PostgreSQL', reason: reasonOf(error) }
  if (isRedisOutage(error)) return { store: 'Redis', reason: reasonOf(error) }
  return undefined
}

/** Redis is the only peer that verbs call without naming its failures themselves. */
export function isRedisOutage(error: unknown): boolean {
  return (
    error instanceof upstash.UpstashError ||
    error instanceof upstash.UpstashJSONParseError ||
    (error instanceof DOMException &&
      (error.name === 'TimeoutError' || error.name === 'AbortError')) ||
    (error instanceof TypeError && /fetch|network|connection/i.test(error.message)) ||
    (error instanceof Error && error.message.startsWith('Network connection lost'))
  )
}

/** @returns e.g. `timeout`, `unreachable`, `refused: 28P01`, `refused: WRONGPASS` */
function reasonOf(error: unknown): string {
  const chain = causesOf(error)
  if (chain.some((cause) => /^(Timeout|Abort)Error$/.test(cause.name))) return 'timeout'
  const state = sqlStateOf(error)
  if (state) return `refused: ${state}`
  const refusal = chain.find((cause) => cause instanceof upstash.UpstashError)
  // Redis begins what it refuses with a word of its own.
  if (refusal) return `refused: ${/^[A-Z]{2,}\b/.exec(refusal.message)?.[0] ?? 'other'}`
  if (chain.some((cause) => cause instanceof SyntaxError || /JSON/.test(cause.name)))
    return 'garbled answer'
  if (chain.some(({ message }) => /password authentication failed/.test(message)))
    return 'refused: login'
  if (chain.some(isNetworkFailure)) return 'unreachable'
  return isDatabaseOutage(error) ? 'no usable answer' : 'failed'
}

function isNetworkFailure({ name, message }: Error): boolean {
  return name === 'TypeError' || /^Network connection lost|internal error; reference/.test(message)
}

/** The error, what caused it, and what caused that; the database's driver names it `sourceError`. */
function causesOf(error: unknown): Error[] {
  const chain: Error[] = []
  for (let current = error; current instanceof Error && chain.length < 8; ) {
    chain.push(current)
    current = current.cause ?? (current as { sourceError?: unknown }).sourceError
  }
  return chain
}
