import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase } from '../../../src/db/client.ts'
import { deleteCalls, moveLateCalls } from '../../../src/metering/statistics/roll-up-queries.ts'
import { chaosProxy } from '../../support/chaos.ts'
import { call, newPerson } from '../../support/stack.ts'
import { Archive, at, expectTotals } from './archive.ts'
import { daysAgo, insertCalls, rollUp, today } from './support.ts'

let archive: Archive
beforeAll(async () => {
  archive = await Archive.start()
})
afterAll(() => archive[Symbol.asyncDispose]())
beforeEach(() => archive.empty())

describe('retention', () => {
  const oldest = async () =>
    (await archive.own.sql`select min(created_at)::date::text as day from usage_logs`)[0]?.day

  it('deletes what is too old and keeps the roll-ups', async () => {
    const calls = archive.someCalls([daysAgo(12), daysAgo(11), daysAgo(10), daysAgo(9)])
    await insertCalls(archive.own.sql, calls)
    const before = await archive.everything()
    await rollUp(archive.own.stack.bindings)
    await archive.own.sql`update usage_days set started_at = now() - interval '1 day'`
    await rollUp(archive.own.stack.bindings, { keptDays: 10 })
    expect(await oldest()).toBe(daysAgo(10))
    expect(await archive.everything()).toEqual(before)
  })

  it('never deletes a call that came too late to be counted', async () => {
    const day = daysAgo(12)
    const db = createDatabase(
      archive.own.stack.bindings.DATABASE_URL ?? '',
      archive.own.stack.bindings.NEON_FETCH_ENDPOINT,
    )
    const late = () => ({
      userId: archive.people[0]?.id ?? null,
      createdAt: at(day),
      writtenAt: new Date().toISOString(),
    })
    const calls = [...archive.someCalls([day]), late()]
    await insertCalls(archive.own.sql, calls.slice(0, -1))
    await rollUp(archive.own.stack.bindings)
    await archive.own.sql`update usage_days set started_at = now() - interval '1 day'`
    // Before the day is closed: it is out of date, and cannot be.
    await insertCalls(archive.own.sql, calls.slice(-1))
    expect(await deleteCalls(db, day, 100)).toBe(0)
    await rollUp(archive.own.stack.bindings)
    await archive.own.sql`update usage_days set started_at = now() + interval '1 day'`
    expect(await deleteCalls(db, day, 5)).toBe(5)

    // And while it is being emptied.
    await archive.own.sql`update usage_days set started_at = now() - interval '1 hour'`
    await archive.own.sql`update usage_logs set written_at = created_at`
    calls.push(late(), late())
    await insertCalls(archive.own.sql, calls.slice(-2))
    expect(await deleteCalls(db, day, 100)).toBe(16)
    expect(await deleteCalls(db, day, 100)).toBe(0)
    expect(await moveLateCalls(db, day, 100)).toBe(2)
    expectTotals(await archive.statsOf('day'), calls)
  })

  it('keeps everything for ever when it is 0', async () => {
    await insertCalls(archive.own.sql, archive.someCalls(['2001-02-03']))
    await rollUp(archive.own.stack.bindings, { keptDays: 0 })
    expect(await oldest()).toBe('2001-02-03')
  })

  it('keeps what is not rolled up', async () => {
    const calls = [
      ...archive.someCalls([daysAgo(12)]),
      { userId: null, model: 'poison', createdAt: at(daysAgo(11)) },
    ]
    await insertCalls(archive.own.sql, calls)
    await archive.own
      .sql`alter table usage_daily_models add constraint no_poison check (model <> 'poison')`
    await rollUp(archive.own.stack.bindings, { keptDays: 5 }).catch(() => undefined)
    await archive.own.sql`alter table usage_daily_models drop constraint no_poison`
    expect(await oldest()).toBe(daysAgo(11))
    expectTotals(await archive.statsOf('model'), calls)
  })
})

describe('a person who is deleted', () => {
  it('is gone from calls and roll-ups, which stay', async () => {
    const leaver = await newPerson(archive.own.baseUrl)
    const { body: key } = await call<{ id: number }>('/api/api-keys', {
      token: leaver.token,
      json: {},
      baseUrl: archive.own.baseUrl,
    })
    const calls = [daysAgo(5), daysAgo(4), today()].map((day) => ({
      userId: leaver.id,
      apiKeyId: key.id,
      createdAt: at(day, '00:00:00.000'),
    }))
    await insertCalls(archive.own.sql, calls)
    await rollUp(archive.own.stack.bindings)
    await call('/api/users/me', {
      method: 'DELETE',
      token: leaver.token,
      json: { password: leaver.password },
      baseUrl: archive.own.baseUrl,
    })
    const [row] = await archive.own.sql`select
      (select count(*)::int from usage_daily where user_id is null and api_key_id is null) as daily,
      (select count(*)::int from usage_logs where user_id is null and api_key_id is null) as logs`
    expect(row).toEqual({ daily: 2, logs: 3 })
    const stats = await archive.statsOf('user')
    expectTotals(stats, calls)
    expect(stats.rows).toMatchObject([{ user_id: null, username: null, requests: 3 }])
    // Rolled up again the day is the same.
    await archive.own.sql`update usage_days set rolled_up_to = null, finished_at = null`
    await rollUp(archive.own.stack.bindings)
    expectTotals(await archive.statsOf('key'), calls)
  })
})

describe('an idle deployment', () => {
  it('is asked for nothing in PostgreSQL', async () => {
    await using proxy = await chaosProxy(archive.own.stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    const { bindings } = archive.own.stack
    await insertCalls(archive.own.sql, archive.someCalls([daysAgo(3)]))
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
