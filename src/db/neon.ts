import { type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless'
import { storeCall } from '../platform/store-time.ts'
import { sendUntilAlone } from './conflicts.ts'

/** A client of Neon's SQL-over-HTTP endpoint; give it to drizzle or use it as it is. */
export type NeonClient = NeonQueryFunction<false, false>

/** What one client may be told. */
export interface NeonOptions {
  /** Longest time for an HTTP call that begins now, its body included; absent means no limit. */
  timeoutMs?: () => number
}

/** Our own marks in the `init` of a driver's fetch call; they never reach the real `fetch`. */
interface ClientMarks {
  neonEndpoint?: string
  neonTimeoutMs?: () => number
}

/**
 * The driver knows a custom endpoint only as one setting for all clients. Its `fetchOptions`
 * however belong to one client and arrive in `init` unchanged, so that they can carry the endpoint
 * of that client to a fetch function which is the same for everybody.
 */
neonConfig.fetchFunction = (url: string, init: RequestInit & ClientMarks): Promise<Response> => {
  const { neonEndpoint, neonTimeoutMs, ...rest } = init
  return sendUntilAlone(() => {
    const attempt = { ...rest }
    if (neonTimeoutMs !== undefined) {
      const timeout = AbortSignal.timeout(neonTimeoutMs())
      attempt.signal = rest.signal ? AbortSignal.any([rest.signal, timeout]) : timeout
    }
    return storeCall(() => fetch(neonEndpoint ?? url, attempt))
  })
}

/**
 * Makes a client of one database. Nothing is sent or checked yet.
 *
 * @param connectionString `postgres://user:password@host/database`; a wrong one makes the first
 *   query fail with a message that contains it, so do not show that message
 * @param fetchEndpoint full URL of the `/sql` endpoint; absent means Neon's own for that host
 */
export function createNeon(
  connectionString: string,
  fetchEndpoint?: string,
  options: NeonOptions = {},
): NeonClient {
  const marks: ClientMarks = {}
  if (fetchEndpoint !== undefined) marks.neonEndpoint = fetchEndpoint
  if (options.timeoutMs !== undefined) marks.neonTimeoutMs = options.timeoutMs
  return neon<false, false>(connectionString, { fullResults: false, fetchOptions: { ...marks } })
}
