import type { Contender } from '../contenders/contender.ts'
import type { Ground } from '../ground.ts'
import { fixedRateJob, requestsJob } from '../jobs.ts'
import { measure } from '../measure.ts'
import type { Plan } from '../plan.ts'
import { untilQuiet } from '../processes/usage.ts'
import { median } from '../report/statistics.ts'
import type { StoreProxyState } from '../store-proxy/server.ts'
import { type StoreProxies, startStoreProxies } from '../store-proxy/start.ts'
import { type Allowance, makePerson } from './people.ts'

const WARM_UP_REQUESTS = 20
const QUIET_TIMEOUT_MS = 2_000
/** `QUOTA_ESTIMATE` in 1/10,000 unit: what each call reserves. */
const ESTIMATE = 100

/** Ways in which a call may find its pool. */
export const CASES: readonly { title: string; allowance: Allowance; isCold: boolean }[] = [
  {
    title: 'plenty in the pool: from the lease',
    allowance: { pool: 20_000, keyBudget: null },
    isCold: false,
  },
  {
    title: 'little in the pool: a claim a call',
    // Fewer than four slices of eight calls: nothing is taken ahead.
    allowance: { pool: 30 * ESTIMATE, keyBudget: null },
    isCold: false,
  },
  {
    title: 'plenty, and a key with a budget',
    allowance: { pool: 20_000, keyBudget: 1_000 },
    isCold: false,
  },
  {
    title: 'first call of an isolate',
    allowance: { pool: 20_000, keyBudget: null },
    isCold: true,
  },
]

/** What one call costs of a case; all counts are round trips. */
export interface AdmissionCost {
  title: string
  /** Waited for, one after the other: the added time in units of the delay. */
  redisWaited: number
  databaseWaited: number
  /** In all, those after the answer included. */
  redis: number
  database: number
  /** Of the Worker, at a fixed rate; NaN of a first call, where it is start-up. */
  cpuMs: number
  storesCpuMs: number
  failed: number
}

/** Measures what admission and settlement cost, by what the pool and the isolate hold. */
export async function measureAdmission(
  ground: Ground,
  plan: Plan,
  onProgress: (message: string) => void,
): Promise<AdmissionCost[]> {
  await using resources = new AsyncDisposableStack()
  const proxies = await startStoreProxies(resources, ground.stack.bindings)
  const results: AdmissionCost[] = []
  for (const { title, allowance, isCold } of CASES) {
    onProgress(`Admission: ${title} …`)
    const key = await makePerson(ground.stack, allowance)
    const start = async (bindings: Record<string, string>): Promise<Contender> => ({
      ...(await ground.startOurs('antigravity', bindings)),
      headers: { authorization: `Bearer ${key}` },
    })
    const slow = () =>
      start({
        NEON_FETCH_ENDPOINT: `${proxies.database.url}/sql`,
        UPSTASH_REDIS_REST_URL: proxies.redis.url,
      })
    const trips = isCold
      ? await coldTrips(ground, plan, slow, proxies)
      : await warmTrips(ground, plan, await slow(), proxies)
    const cpu = isCold
      ? { cpuMs: Number.NaN, storesCpuMs: Number.NaN, failed: 0 }
      : await processorTime(ground, plan, await start({}))
    results.push({ title, ...trips, ...cpu, failed: trips.failed + cpu.failed })
  }
  return results
}

type Trips = Omit<AdmissionCost, 'title' | 'cpuMs' | 'storesCpuMs'>

/** What is held back: nothing, Redis, the database. */
const HELD_BACK = ['none', 'redis', 'database'] as const

async function warmTrips(
  ground: Ground,
  plan: Plan,
  contender: Contender,
  proxies: StoreProxies,
): Promise<Trips> {
  const pids = [...ground.storePids(), contender.program?.pid ?? 0]
  const rest = () => untilQuiet(pids, QUIET_TIMEOUT_MS)
  await ground.runLoad(requestsJob(contender, 1, WARM_UP_REQUESTS))
  const tally = newTally()
  for (let round = 0; round < plan.rounds; round++) {
    for (const held of HELD_BACK) {
      await rest()
      await holdBack(proxies, held, plan.stores.delayMs)
      const { requests, latency, errors } = await ground.runLoad(
        requestsJob(contender, 1, plan.stores.requestsPerRound),
      )
      await rest()
      await note(tally, held, proxies, { requests, ms: latency.p50, failed: sum(errors) })
    }
  }
  await contender.program?.stop()
  return toTrips(tally)
}

/** Each isolate answers one call and is gone. */
async function coldTrips(
  ground: Ground,
  plan: Plan,
  start: () => Promise<Contender>,
  proxies: StoreProxies,
): Promise<Trips> {
  const tally = newTally()
  for (let round = 0; round < plan.startUp.starts; round++) {
    for (const held of HELD_BACK) {
      const contender = await start()
      await holdBack(proxies, held, plan.stores.delayMs * COLD_FACTOR)
      const { requests, latency, errors } = await ground.runLoad(requestsJob(contender, 1, 1))
      await untilQuiet([...ground.storePids(), contender.program?.pid ?? 0], QUIET_TIMEOUT_MS)
      await note(tally, held, proxies, { requests, ms: latency.p50, failed: sum(errors) })
      await contender.program?.stop()
    }
  }
  return toTrips(tally)
}

/** One call of a new process takes some 100 ms: what is looked for must stand out from that. */
const COLD_FACTOR = 40

async function processorTime(ground: Ground, plan: Plan, contender: Contender) {
  await ground.runLoad(fixedRateJob(contender, plan.admission))
  const own: number[] = []
  const stores: number[] = []
  let failed = 0
  for (let round = 0; round < plan.rounds; round++) {
    const result = await measure(ground, contender, fixedRateJob(contender, plan.admission))
    own.push((result.cpuMs ?? Number.NaN) / result.requests)
    stores.push(result.storesCpuMs / result.requests)
    failed += sum(result.errors)
  }
  await contender.program?.stop()
  return { cpuMs: median(own), storesCpuMs: median(stores), failed }
}

type Held = (typeof HELD_BACK)[number]

interface Tally {
  ms: Record<Held, number[]>
  delays: Record<Held, number[]>
  redis: number
  database: number
  requests: number
  failed: number
}

const newTally = (): Tally => ({
  ms: { none: [], redis: [], database: [] },
  delays: { none: [], redis: [], database: [] },
  redis: 0,
  database: 0,
  requests: 0,
  failed: 0,
})

async function holdBack(proxies: StoreProxies, held: Held, delayMs: number): Promise<void> {
  for (const store of ['redis', 'database'] as const) {
    const body = JSON.stringify({ delayMs: store === held ? delayMs : 0 })
    await fetch(`${proxies[store].url}/__bench`, { method: 'POST', body })
  }
}

async function note(
  tally: Tally,
  held: Held,
  proxies: StoreProxies,
  { requests, ms, failed }: { requests: number; ms: number; failed: number },
): Promise<void> {
  tally.ms[held].push(ms)
  for (const store of ['redis', 'database'] as const) {
    const answer = await fetch(`${proxies[store].url}/__bench`)
    const { calls, meanDelayMs } = (await answer.json()) as StoreProxyState
    tally[store] += calls
    if (store === held && meanDelayMs > 0) tally.delays[held].push(meanDelayMs)
  }
  tally.requests += requests
  tally.failed += failed
}

function toTrips({ ms, delays, redis, database, requests, failed }: Tally): Trips {
  const waited = (held: Held) =>
    // Nobody waits for what nobody asks.
    delays[held].length === 0
      ? 0
      : Math.max(0, (median(ms[held]) - median(ms.none)) / median(delays[held]))
  return {
    redisWaited: waited('redis'),
    databaseWaited: waited('database'),
    redis: redis / requests,
    database: database / requests,
    failed,
  }
}

const sum = (errors: Record<string, number>) =>
  Object.values(errors).reduce((total, count) => total + count, 0)
