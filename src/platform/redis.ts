import { Redis } from '@upstash/redis/cloudflare'

const CALL_TIMEOUT_MS = 2_500

/**
 * Redis over Upstash's REST protocol. Values stay the strings that were written (`"123"` is not
 * made a number); every call ends within about three seconds, since the SDK has no limit of its own.
 */
export function createRedis(url: string, token: string) {
  return new Redis({
    url,
    token,
    automaticDeserialization: false,
    // Calls that belong together are sent together by name; automatic batching hides their number.
    enableAutoPipelining: false,
    enableTelemetry: false,
    readYourWrites: false,
    retry: { retries: 1, backoff: () => 50 },
    // A plain signal would turn a timeout into a result; the function form makes it an error.
    signal: () => AbortSignal.timeout(CALL_TIMEOUT_MS),
  })
}

export type RedisClient = Redis
