import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { changePerson } from '../../support/admin.ts'
import { chaosProxy } from '../../support/chaos.ts'
import { arm, chat, usageRows } from '../../support/chat.ts'
import { checkBooks, grant, newLender, poolOf, reached } from '../../support/quota.ts'
import { redis, snapshotKeys } from '../../support/redis.ts'
import {
  call,
  newChatter,
  sql,
  stack,
  standIn,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

/** `QUOTA_ESTIMATE`, in units. */
const PRICE = 0.01
/** The step in which balances are shown, in units: the balance itself may be a little less, or more. */
const SHOWN = 0.0001
const ISOLATES = 4
/** What an isolate may have taken ahead and not used, in calls: half a slice that was left, and the next one. */
const AHEAD = 12
const LIMIT = 60

type Caller = TestPerson & { key: string }

let workers: OwnWorker[] = []
const lenders: Awaited<ReturnType<typeof newLender>>[] = []

beforeAll(async () => {
  // Hundreds of calls that cost something would empty the accounts that serve them: here they are only held.
  await standIn('config', { consumption: 0 })
  const settings = {
    RATE_LIMIT: '100000/1m',
    CONCURRENCY_LIMIT: '10000',
    // Copies last as long as the tests unless a change drops them.
    PRINCIPAL_CACHE_SECONDS: '60',
  }
  workers = await Promise.all(Array.from({ length: ISOLATES }, () => workerWith(settings)))
})
afterAll(async () => {
  await standIn('reset-config', {})
  await Promise.all(workers.map((worker) => worker.close()))
})

// Their calls, which cost nothing, would take part in what these accounts lose to others' calls later.
afterEach(async () => {
  for (const { cookieId, token } of lenders.splice(0)) {
    const path = `/api/plugin-api/accounts/${cookieId}`
    // Whoever was refused may be having the plug-in asked for the accounts still.
    await waitFor(async () => (await call(path, { method: 'DELETE', token })).status === 200)
  }
})

const url = (at: number) => workers[at % workers.length]?.url ?? ''

/** Somebody whose pool holds so many calls. */
async function withCalls(calls: number): Promise<Caller> {
  const person = await newLender()
  lenders.push(person)
  await grant(person, calls * PRICE)
  return person
}

/** Calls at once, at these Workers in turn. Those that reach the AI service stay there until `passed` looks. */
async function burst({ key }: Caller, count: number, at: readonly OwnWorker[]) {
  const content = await arm('slow', { times: count, delayMs: 50_000 })
  const over = new Set<number>()
  const answers = Array.from({ length: count }, async (_, index) => {
    const answer = await chat({ key, content, baseUrl: at[index % at.length]?.url ?? '' })
    over.add(index)
    return answer
  })
  return { content, answers, over, count }
}

type Burst = Awaited<ReturnType<typeof burst>>

/** How many calls reached the AI service, while none of them was over. */
async function passed({ content, answers, over, count }: Burst): Promise<number> {
  await waitFor(async () => over.size + (await reached(content)) >= count, 30_000)
  await standIn('hurry', {})
  await Promise.all(answers)
  return reached(content)
}

/** As a change of anything about a key does: its copies are dropped, here and in Redis. */
async function rename({ token }: Caller): Promise<void> {
  const { body } = await call<{ data: { id: number }[] } | { id: number }[]>('/api/api-keys', {
    token,
  })
  const [key] = Array.isArray(body) ? body : body.data
  const changed = await call(`/api/api-keys/${key?.id}`, {
    method: 'PATCH',
    token,
    json: { name: 'another' },
  })
  expect(changed.status).toBe(200)
}

describe('isolates that know nothing of somebody', () => {
  it('let nothing through of a pool that calls of another hold, whatever was changed meanwhile', async () => {
    const calls = 99
    const person = await withCalls(calls)
    const first = await burst(person, calls, workers.slice(0, 1))
    await waitFor(async () => (await reached(first.content)) >= calls)
    await rename(person)
    const second = await burst(person, 90, workers.slice(1))
    expect(await passed(second)).toBe(0)
    expect(await passed(first)).toBe(calls)
    await checkBooks(person)
  })

  it('let through together what a pool holds, of a first burst of twice as much', async () => {
    const calls = 120
    const person = await withCalls(calls)
    const through = await passed(await burst(person, 2 * calls, workers))
    expect(through).toBeLessThanOrEqual(calls)
    expect(through).toBeGreaterThanOrEqual(calls - ISOLATES * AHEAD)
    await checkBooks(person)
  })

  it('hold a limit of calls under way together', async () => {
    const limit = 25
    const narrow = await Promise.all(
      Array.from({ length: 3 }, () => workerWith({ CONCURRENCY_LIMIT: String(limit) })),
    )
    try {
      const person = await withCalls(190)
      expect(await passed(await burst(person, 90, narrow))).toBe(limit)
    } finally {
      await Promise.all(narrow.map((worker) => worker.close()))
    }
  })

  it('count a limit by the minute from the first call', async () => {
    const settings = { RATE_LIMIT: `${LIMIT}/1m`, CONCURRENCY_LIMIT: '10000' }
    const limited = await Promise.all([workerWith(settings), workerWith(settings)])
    try {
      const person = await withCalls(190)
      const content = `limited-${person.id}`
      await redis('DEL', ...snapshotKeys(person))
      const startedAt = Date.now()
      await Promise.all(
        Array.from({ length: 3 * LIMIT }, (_, at) =>
          chat({ key: person.key, content, baseUrl: limited[at % limited.length]?.url ?? '' }),
        ),
      )
      const minutes = (Date.now() - startedAt) / 60_000
      expect(await reached(content)).toBeLessThanOrEqual(Math.ceil(LIMIT * (1 + minutes)))
    } finally {
      await Promise.all(limited.map((worker) => worker.close()))
    }
  })
})

describe('one isolate', () => {
  it('refuses no call that fits, of twice as many at once as a pool holds', async () => {
    const sizes = [33, 41, 64, 90]
    // The first call makes the pool, and costs what it costs.
    await standIn('reset-config', {})
    const first = await Promise.all(
      sizes.map(async (calls, at) => {
        const person = await withCalls(calls)
        const baseUrl = url(at)
        expect((await chat({ key: person.key, content: 'first', baseUrl })).status).toBe(200)
        await usageRows(person.id, 1)
        return { person, calls, at }
      }),
    )
    // They may have drawn from the same account: only once all are in the books is it known who pays what.
    await standIn('config', { consumption: 0 })
    // One after the other: hundreds of calls at once are more than a busy machine keeps up with.
    for (const { person, calls, at } of first) {
      const { balance, recovers_per_hour } = await poolOf(person)
      const startedAt = Date.now()
      const asked = await burst(person, 2 * calls, workers.slice(at, at + 1))
      const there = await passed(asked)
      const recovered = (recovers_per_hour * (Date.now() - startedAt)) / 3_600_000
      const statuses = new Set((await Promise.all(asked.answers)).map(({ status }) => status))
      expect([...statuses].sort()).toEqual([200, 429])
      expect(there).toBeGreaterThanOrEqual(Math.floor((balance - SHOWN) / PRICE))
      expect(there).toBeLessThanOrEqual(Math.floor((balance + recovered + SHOWN) / PRICE))
    }
  })
})

describe('a call that is refused', () => {
  it('as one too many at once does not count as one of the day', async () => {
    const worker = await workerWith({ GUEST_RATE_LIMIT: '6/24h', GUEST_CONCURRENCY_LIMIT: '2' })
    try {
      const person = await newChatter()
      await changePerson(
        person.id,
        () => sql`update users set role = 'guest' where id = ${person.id}`,
      )
      const content = await arm('slow', { times: 5, delayMs: 800 })
      const ask = () => chat({ key: person.key, content, baseUrl: worker.url })
      const statuses = (await Promise.all(Array.from({ length: 5 }, ask))).map(
        ({ status }) => status,
      )
      expect(statuses.filter((status) => status === 200)).toHaveLength(2)
      // Four of six are left.
      for (let index = 0; index < 4; index++) expect((await ask()).status).toBe(200)
      expect((await ask()).status).toBe(429)
    } finally {
      await worker.close()
    }
  })

  it('is so within seconds though the plug-in keeps silent about accounts', async () => {
    const person = await newLender()
    await grant(person, 0)
    await standIn('arm', { failure: 'hang', path: '/api/accounts', method: 'GET', times: 1 })
    const { error, durationMs } = await chat({ key: person.key, content: 'late' })
    expect(error?.code).toBe('insufficient_quota')
    expect(durationMs).toBeGreaterThan(2_000)
    expect(durationMs).toBeLessThan(5_000)
  })

  it('leaves nobody locked out who has no time left to wait for stores', async () => {
    const person = await withCalls(0)
    await using database = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    await using worker = await workerWith({ NEON_FETCH_ENDPOINT: database.url })
    // Enough to find out who asks, and too little to write down which accounts they have.
    database.delayMs = 1_400
    expect((await chat({ key: person.key, baseUrl: worker.url })).status).toBe(503)
    await waitFor(async () => (await redis('EXISTS', `lock:accounts:${person.id}`)) === 0)
  })
})
