import type { SupervisedPart } from '../../dev/stack/supervisor.ts'
import type { Contender, ContenderName } from '../contenders/contender.ts'
import type { Ground } from '../ground.ts'
import { requestsJob } from '../jobs.ts'
import type { Plan } from '../plan.ts'
import { untilQuiet } from '../processes/usage.ts'
import { median } from '../report/statistics.ts'
import type { StoreProxyState } from '../store-proxy/server.ts'
import { type StoreProxies, startStoreProxies } from '../store-proxy/start.ts'

const WARM_UP_REQUESTS = 20
const QUIET_TIMEOUT_MS = 2_000

/** What slow stores do to one warm request. */
export interface StoreLatency {
  /** Median latency with stores as fast as they are, and with every call held back. */
  fastMs: number
  slowMs: number
  /** What a call was really held back for. */
  delayMs: number
  /** Calls that a request waits for, one after the other: the added time in units of the delay. */
  waitedFor: number
  /** All calls per request, those after the answer included. */
  redisCalls: number
  databaseCalls: number
}

/** Measures our Workers behind stores that answer later than they could. */
export async function measureStoreLatency(
  ground: Ground,
  plan: Plan,
  dialects: readonly ('antigravity' | 'openai')[],
): Promise<Map<ContenderName, StoreLatency>> {
  await using resources = new AsyncDisposableStack()
  const { database, redis } = await startStoreProxies(resources, ground.stack.bindings)
  const bindings = {
    NEON_FETCH_ENDPOINT: `${database.url}/sql`,
    UPSTASH_REDIS_REST_URL: redis.url,
  }
  const results = new Map<ContenderName, StoreLatency>()
  for (const dialect of dialects) {
    const contender = await ground.startOurs(dialect, bindings)
    results.set(dialect, await compare(ground, plan, contender, { database, redis }))
    await contender.program?.stop()
  }
  return results
}

async function compare(
  ground: Ground,
  plan: Plan,
  contender: Contender,
  proxies: StoreProxies,
): Promise<StoreLatency> {
  const { delayMs, requestsPerRound } = plan.stores
  const fast: number[] = []
  const slow: number[] = []
  const delays: number[] = []
  let calls = { redis: 0, database: 0 }
  let requests = 0
  for (let round = 0; round < plan.rounds; round++) {
    for (const [delay, medians] of [
      [0, fast],
      [delayMs, slow],
    ] as const) {
      await setDelay(proxies, delay)
      await ground.runLoad(requestsJob(contender, 1, WARM_UP_REQUESTS))
      await untilQuiet([...ground.storePids(), contender.program?.pid ?? 0], QUIET_TIMEOUT_MS)
      await setDelay(proxies, delay)
      const result = await ground.runLoad(requestsJob(contender, 1, requestsPerRound))
      medians.push(result.latency.p50)
      await untilQuiet([...ground.storePids(), contender.program?.pid ?? 0], QUIET_TIMEOUT_MS)
      const [redis, database] = [await state(proxies.redis), await state(proxies.database)]
      calls = { redis: calls.redis + redis.calls, database: calls.database + database.calls }
      requests += result.requests
      if (delay > 0) {
        const held = [redis, database].filter((store) => store.calls > 0)
        delays.push(...held.map((store) => store.meanDelayMs))
      }
    }
  }
  const [fastMs, slowMs] = [median(fast), median(slow)]
  const heldBackMs = delays.length > 0 ? median(delays) : delayMs
  return {
    fastMs,
    slowMs,
    delayMs: heldBackMs,
    waitedFor: (slowMs - fastMs) / heldBackMs,
    redisCalls: calls.redis / requests,
    databaseCalls: calls.database / requests,
  }
}

async function setDelay(proxies: StoreProxies, delayMs: number): Promise<void> {
  for (const proxy of Object.values(proxies) as SupervisedPart[]) {
    await fetch(`${proxy.url}/__bench`, { method: 'POST', body: JSON.stringify({ delayMs }) })
  }
}

async function state(proxy: SupervisedPart): Promise<StoreProxyState> {
  const response = await fetch(`${proxy.url}/__bench`)
  return (await response.json()) as StoreProxyState
}
