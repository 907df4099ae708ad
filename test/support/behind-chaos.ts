import { type ChaosProxy, chaosProxy } from './chaos.ts'
import { stack } from './stack.ts'
import { type OwnWorker, workerWith } from './worker-with.ts'

/** A Worker of a test's own whose stores misbehave on demand. */
export interface BehindChaos extends AsyncDisposable {
  worker: OwnWorker
  redis: ChaosProxy
  database: ChaosProxy
}

/** Starts one in front of the stack's stores, with settings that differ from the stack's. */
export async function workerBehindChaos(
  settings: Record<string, string> = {},
): Promise<BehindChaos> {
  const redis = await chaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
  const database = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
  const worker = await workerWith({
    ...settings,
    UPSTASH_REDIS_REST_URL: redis.url,
    NEON_FETCH_ENDPOINT: database.url,
  })
  return {
    worker,
    redis,
    database,
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]()
      await redis[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
