import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase } from '../../../src/db/client.ts'
import { deleteCalls, moveLateCalls } from '../../../src/features/statistics/roll-up-queries.ts'
import { chaosProxy } from '../../support/chaos.ts'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { call, newPerson, type TestPerson } from '../../support/stack.ts'
import { type Call, daysAgo, insertCalls, rollUp, type StatsBody, today } from './support.ts'

/** What is rolled up concerns everybody in a database: these tests have one of their own. */
let own: OwnStack
let admin: TestPerson
let people: TestPerson[]

beforeAll(async () => {
  own = await ownStack()
  people = await Promise.all([newPerson(own.baseUrl), newPerson(own.baseUrl)])
  admin = await newPerson(own.baseUrl)
  await own.sql`update users set role = 'admin' where id = ${admin.id}`
})
afterAll(() => own[Symbol.asyncDispose]())
beforeEach(async () => {
  await own.sql`delete from usage_logs`
  await own.sql`delete from usage_daily`
  await own.sql`delete from usage_daily_keys`
  await own.sql`delete from usage_daily_people`
  await own.sql`delete from usage_daily_models`
  await own.sql`delete from usage_days`
})

const at = (day: string, time = '12:00:00.000') => `${day}T${time}Z`

/** Calls over some days, in number and kind as they come. */
function someCalls(days: readonly string[], each = 20): Call[] {
  return days.flatMap((day, index) =>
    Array.from({ length: each }, (_, n): Call => {
      const second = String((n * 7 + index) % 60).padStart(2, '0')
      return {
        userId: people[n % 2]?.id ?? null,
        model: ['model-a', 'model-b', null][n % 3] ?? null,
        status: n % 5 === 0 ? 502 : 200,
        promptTokens: n,
        completionTokens: n % 4 === 0 ? null : 10 * n,
        quota: n % 3 === 0 ? null : n * 11,
        durationMs: 2 ** (n % 15),
        timeToFirstByteMs: n % 7 === 0 ? null : 2 ** (n % 10),
        createdAt: at(day, `${String(n % 24).padStart(2, '0')}:00:${second}.000`),
      }
    }),
  )
}

async function statsOf(groupBy: string, userId?: number, from = daysAgo(20)): Promise<StatsBody> {
  const who = userId === undefined ? '' : `&user_id=${userId}`
  const { status, body } = await call<StatsBody>(
    `/api/admin/usage/stats?from=${from}&to=${today()}&group_by=${groupBy}${who}`,
    { token: admin.token, baseUrl: own.baseUrl },
  )
  expect(status).toBe(200)
  return body
}

const everything = async () =>
  Promise.all([
    ...['day', 'model', 'key', 'user'].map((groupBy) => statsOf(groupBy)),
    ...['day', 'model'].map((groupBy) => statsOf(groupBy, people[0]?.id)),
  ])

const rolledUpDays = async () =>
  (
    await own.sql`select day::text as day from usage_days where finished_at is not null order by day`
  ).map((row) => row.day as string)

const sum = (calls: readonly Call[], field: 'promptTokens' | 'completionTokens' | 'quota') =>
  calls.reduce((total, one) => total + (one[field] ?? 0), 0)

/** What the calls themselves say. */
function expectTotals(stats: StatsBody, calls: readonly Call[]): void {
  expect(stats.totals).toMatchObject({
    requests: calls.length,
    errors: calls.filter(({ status = 200 }) => status >= 400).length,
    prompt_tokens: sum(calls, 'promptTokens'),
    completion_tokens: sum(calls, 'completionTokens'),
    quota: sum(calls, 'quota') / 10_000,
  })
}

describe('rolling up', () => {
  it('changes no figure, whatever it is grouped by', async () => {
    const calls = someCalls([daysAgo(9), daysAgo(5), daysAgo(4), today()])
    await insertCalls(own.sql, calls)
    const before = await everything()
    for (const stats of before.slice(0, 4)) expectTotals(stats, calls)

    await rollUp(own.stack.bindings)
    expect(await rolledUpDays()).toEqual([daysAgo(9), daysAgo(5), daysAgo(4)])
    expect(await everything()).toEqual(before)
    // From the roll-ups, since without the calls the figures are the same, but for today's.
    await own.sql`delete from usage_logs where created_at < ${today()}::date - 1`
    expect(await everything()).toEqual(before)
  })

  it('gives the same in slices, run twice, and run by several at once', async () => {
    const calls = someCalls([daysAgo(6), daysAgo(3)], 60)
    await insertCalls(own.sql, calls)
    const before = await everything()
    await Promise.all([3, 5, 60, 7].map((sliceRows) => rollUp(own.stack.bindings, { sliceRows })))
    await rollUp(own.stack.bindings, { sliceRows: 4 })
    expect(await rolledUpDays()).toEqual([daysAgo(6), daysAgo(3)])
    expect(await everything()).toEqual(before)
  })

  it('takes calls of one moment together, however small the slices', async () => {
    const calls = Array.from({ length: 40 }, () => ({
      userId: people[0]?.id ?? null,
      createdAt: at(daysAgo(4), '00:00:00.000'),
    }))
    await insertCalls(own.sql, calls)
    await rollUp(own.stack.bindings, { sliceRows: 3 })
    expect(await rolledUpDays()).toEqual([daysAgo(4)])
    expectTotals(await statsOf('day'), calls)
  })

  it('leaves a day alone that has hardly ended', async () => {
    await insertCalls(own.sql, someCalls([daysAgo(1), daysAgo(2)], 3))
    const soon = Date.parse(`${today()}T01:30:00Z`)
    await rollUp(own.stack.bindings, { now: soon })
    expect(await rolledUpDays()).toEqual([daysAgo(2)])
    await rollUp(own.stack.bindings, { now: soon + 3_600_000 })
    expect(await rolledUpDays()).toEqual([daysAgo(2), daysAgo(1)])
  })
})

describe('a roll-up that is killed', () => {
  it('at any moment is continued by the next one', async () => {
    const calls = someCalls([daysAgo(8), daysAgo(7)], 30)
    await insertCalls(own.sql, calls)
    const before = await everything()
    await using proxy = await chaosProxy(own.stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 22 }),
        fc.constantFrom('dropped' as const, 'reset' as const),
        fc.integer({ min: 4, max: 40 }),
        async (statements, fault, sliceRows) => {
          // As if it began anew: half of what stands there is of an earlier run.
          await own.sql`update usage_days set rolled_up_to = null, finished_at = null`
          let count = 0
          proxy.match = () => ++count >= statements
          proxy.fault = fault
          const options = { sliceRows, endpoint: proxy.url }
          await rollUp(own.stack.bindings, options).catch(() => undefined)
          proxy.fault = 'none'
          // Halfway, too, the figures are right.
          expect(await everything()).toEqual(before)
          await rollUp(own.stack.bindings, { sliceRows })
          expect(await rolledUpDays()).toEqual([daysAgo(8), daysAgo(7)])
          expect(await everything()).toEqual(before)
        },
      ),
      { numRuns: 12 },
    )
  })

  it('by a statement that fails halfway leaves nothing of it', async () => {
    const calls = [
      ...someCalls([daysAgo(8), daysAgo(6)]),
      { userId: null, model: 'poison', createdAt: at(daysAgo(7)) },
    ]
    await insertCalls(own.sql, calls)
    const before = await everything()
    await own.sql`alter table usage_daily_models add constraint no_poison check (model <> 'poison')`
    await expect(rollUp(own.stack.bindings, { sliceRows: 5 })).rejects.toThrow()
    // The day that cannot be rolled up keeps no other from it.
    expect(await rolledUpDays()).toEqual([daysAgo(8), daysAgo(6)])
    expect(await everything()).toEqual(before)
    await own.sql`alter table usage_daily_models drop constraint no_poison`
    await rollUp(own.stack.bindings)
    expect(await rolledUpDays()).toEqual([daysAgo(8), daysAgo(7), daysAgo(6)])
    expect(await everything()).toEqual(before)
  })
})

describe('calls that are written late', () => {
  const longAgo = () => own.sql`update usage_days set started_at = now() - interval '1 day'`

  it('are in the next roll-up, and changed ones too', async () => {
    const calls = someCalls([daysAgo(8), daysAgo(7), daysAgo(6)])
    await insertCalls(own.sql, calls)
    await rollUp(own.stack.bindings)
    await longAgo()

    const late = someCalls([daysAgo(7), daysAgo(3)]).map((one) => ({
      ...one,
      writtenAt: new Date().toISOString(),
    }))
    await insertCalls(own.sql, late)
    await own.sql`update usage_logs set quota = 5000, written_at = now()
      where created_at::date = ${daysAgo(8)}::date and quota is null`
    const changed = calls.map((one) =>
      one.createdAt.startsWith(daysAgo(8)) && one.quota === null ? { ...one, quota: 5000 } : one,
    )

    await rollUp(own.stack.bindings, { sliceRows: 6 })
    expectTotals(await statsOf('day'), [...changed, ...late])
    expectTotals(await statsOf('user'), [...changed, ...late])
    const [untouched] = await own.sql`select started_at < now() - interval '1 hour' as is_old
      from usage_days where day = ${daysAgo(6)}`
    expect(untouched?.is_old).toBe(true)
  })

  it('are counted although their day has been deleted', async () => {
    const calls = someCalls([daysAgo(12), daysAgo(11), daysAgo(2)])
    await insertCalls(own.sql, calls)
    await rollUp(own.stack.bindings)
    await longAgo()
    await rollUp(own.stack.bindings, { keptDays: 5 })
    const late = someCalls([daysAgo(12)], 25).map((one) => ({
      ...one,
      writtenAt: new Date().toISOString(),
    }))
    await insertCalls(own.sql, late)
    await Promise.all([1, 2, 3].map(() => rollUp(own.stack.bindings, { keptDays: 5 })))
    expectTotals(await statsOf('day'), [...calls, ...late])
    expectTotals(await statsOf('user'), [...calls, ...late])
    const [left] = await own.sql`select count(*)::int as count from usage_logs`
    expect(left?.count).toBe(20)
  })
})

describe('retention', () => {
  const oldest = async () =>
    (await own.sql`select min(created_at)::date::text as day from usage_logs`)[0]?.day

  it('deletes what is too old and keeps the roll-ups', async () => {
    const calls = someCalls([daysAgo(12), daysAgo(11), daysAgo(10), daysAgo(9)])
    await insertCalls(own.sql, calls)
    const before = await everything()
    await rollUp(own.stack.bindings)
    await own.sql`update usage_days set started_at = now() - interval '1 day'`
    await rollUp(own.stack.bindings, { keptDays: 10 })
    expect(await oldest()).toBe(daysAgo(10))
    expect(await everything()).toEqual(before)
  })

  it('never deletes a call that came too late to be counted', async () => {
    const day = daysAgo(12)
    const db = createDatabase(
      own.stack.bindings.DATABASE_URL ?? '',
      own.stack.bindings.NEON_FETCH_ENDPOINT,
    )
    const late = () => ({
      userId: people[0]?.id ?? null,
      createdAt: at(day),
      writtenAt: new Date().toISOString(),
    })
    const calls = [...someCalls([day]), late()]
    await insertCalls(own.sql, calls.slice(0, -1))
    await rollUp(own.stack.bindings)
    await own.sql`update usage_days set started_at = now() - interval '1 day'`
    // Before the day is closed: it is out of date, and cannot be.
    await insertCalls(own.sql, calls.slice(-1))
    expect(await deleteCalls(db, day, 100)).toBe(0)
    await rollUp(own.stack.bindings)
    await own.sql`update usage_days set started_at = now() + interval '1 day'`
    expect(await deleteCalls(db, day, 5)).toBe(5)

    // And while it is being emptied.
    await own.sql`update usage_days set started_at = now() - interval '1 hour'`
    await own.sql`update usage_logs set written_at = created_at`
    calls.push(late(), late())
    await insertCalls(own.sql, calls.slice(-2))
    expect(await deleteCalls(db, day, 100)).toBe(16)
    expect(await deleteCalls(db, day, 100)).toBe(0)
    expect(await moveLateCalls(db, day, 100)).toBe(2)
    expectTotals(await statsOf('day'), calls)
  })

  it('keeps everything for ever when it is 0', async () => {
    await insertCalls(own.sql, someCalls(['2001-02-03']))
    await rollUp(own.stack.bindings, { keptDays: 0 })
    expect(await oldest()).toBe('2001-02-03')
  })

  it('keeps what is not rolled up', async () => {
    const calls = [
      ...someCalls([daysAgo(12)]),
      { userId: null, model: 'poison', createdAt: at(daysAgo(11)) },
    ]
    await insertCalls(own.sql, calls)
    await own.sql`alter table usage_daily_models add constraint no_poison check (model <> 'poison')`
    await rollUp(own.stack.bindings, { keptDays: 5 }).catch(() => undefined)
    await own.sql`alter table usage_daily_models drop constraint no_poison`
    expect(await oldest()).toBe(daysAgo(11))
    expectTotals(await statsOf('model'), calls)
  })
})

describe('a person who is deleted', () => {
  it('is gone from calls and roll-ups, which stay', async () => {
    const leaver = await newPerson(own.baseUrl)
    const { body: key } = await call<{ id: number }>('/api/api-keys', {
      token: leaver.token,
      json: {},
      baseUrl: own.baseUrl,
    })
    const calls = [daysAgo(5), daysAgo(4), today()].map((day) => ({
      userId: leaver.id,
      apiKeyId: key.id,
      createdAt: at(day, '00:00:00.000'),
    }))
    await insertCalls(own.sql, calls)
    await rollUp(own.stack.bindings)
    await call('/api/users/me', {
      method: 'DELETE',
      token: leaver.token,
      json: { password: leaver.password },
      baseUrl: own.baseUrl,
    })
    const [row] = await own.sql`select
      (select count(*)::int from usage_daily where user_id is null and api_key_id is null) as daily,
      (select count(*)::int from usage_logs where user_id is null and api_key_id is null) as logs`
    expect(row).toEqual({ daily: 2, logs: 3 })
    const stats = await statsOf('user')
    expectTotals(stats, calls)
    expect(stats.rows).toMatchObject([{ user_id: null, username: null, requests: 3 }])
    // Rolled up again the day is the same.
    await own.sql`update usage_days set rolled_up_to = null, finished_at = null`
    await rollUp(own.stack.bindings)
    expectTotals(await statsOf('key'), calls)
  })
})

describe('an idle deployment', () => {
  it('is asked for nothing in PostgreSQL', async () => {
    await using proxy = await chaosProxy(own.stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    const { bindings } = own.stack
    await insertCalls(own.sql, someCalls([daysAgo(3)]))
    const quietly = { endpoint: proxy.url, isForced: false, keptDays: 30 }
    await rollUp(bindings, { ...quietly, isForced: true })
    expect(proxy.requests.length).toBeGreaterThan(0)

    proxy.requests.length = 0
    expect(await rollUp(bindings, quietly)).toBe(0)
    expect(proxy.requests).toEqual([])
    // Until calls have become old enough to be deleted.
    await rollUp(bindings, { ...quietly, now: Date.now() + 28 * 86_400_000 })
    expect(proxy.requests.length).toBeGreaterThan(0)
  })
})
