import { Redis } from '@upstash/redis/cloudflare'
import { storeCall, storeCallMs } from './store-time.ts'

/** Upstash's client with the time counted that its calls take; it has no place of its own for that. */
class TimedRedis extends Redis {
  constructor(config: ConstructorParameters<typeof Redis>[0]) {
    super(config)
    const request = this.client.request.bind(this.client)
    this.client.request = (command) => storeCall(() => request(command))
  }
}

/**
 * Redis over Upstash's REST protocol. Values stay the strings that were written (`"123"` is not
 * made a number); every call ends within about three seconds, since the SDK has no limit of its own.
 */
export function createRedis(url: string, token: string) {
  return new TimedRedis({
    url,
    token,
    automaticDeserialization: false,
    // Calls that belong together are sent together by name; automatic batching hides their number.
    enableAutoPipelining: false,
    enableTelemetry: false,
    readYourWrites: false,
    retry: { retries: 1, backoff: () => 50 },
    // A plain signal would turn a timeout into a result; the function form makes it an error.
    signal: () => AbortSignal.timeout(storeCallMs()),
  })
}

export type RedisClient = Redis
