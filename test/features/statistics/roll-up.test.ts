import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chaosProxy } from '../../support/chaos.ts'
import { Archive, at, expectTotals } from './archive.ts'
import { daysAgo, insertCalls, rollUp, today } from './support.ts'

let archive: Archive
beforeAll(async () => {
  archive = await Archive.start()
})
afterAll(() => archive[Symbol.asyncDispose]())
beforeEach(() => archive.empty())

const rolledUpDays = async () =>
  (
    await archive.own
      .sql`select day::text as day from usage_days where finished_at is not null order by day`
  ).map((row) => row.day as string)

describe('rolling up', () => {
  it('changes no figure, whatever it is grouped by', async () => {
    const calls = archive.someCalls([daysAgo(9), daysAgo(5), daysAgo(4), today()])
    await insertCalls(archive.own.sql, calls)
    const before = await archive.everything()
    for (const stats of before.slice(0, 4)) expectTotals(stats, calls)

    await rollUp(archive.own.stack.bindings)
    expect(await rolledUpDays()).toEqual([daysAgo(9), daysAgo(5), daysAgo(4)])
    expect(await archive.everything()).toEqual(before)
    // From the roll-ups, since without the calls the figures are the same, but for today's.
    await archive.own.sql`delete from usage_logs where created_at < ${today()}::date - 1`
    expect(await archive.everything()).toEqual(before)
  })

  it('gives the same in slices, run twice, and run by several at once', async () => {
    const calls = archive.someCalls([daysAgo(6), daysAgo(3)], 60)
    await insertCalls(archive.own.sql, calls)
    const before = await archive.everything()
    await Promise.all(
      [3, 5, 60, 7].map((sliceRows) => rollUp(archive.own.stack.bindings, { sliceRows })),
    )
    await rollUp(archive.own.stack.bindings, { sliceRows: 4 })
    expect(await rolledUpDays()).toEqual([daysAgo(6), daysAgo(3)])
    expect(await archive.everything()).toEqual(before)
  })

  it('takes calls of one moment together, however small the slices', async () => {
    const calls = Array.from({ length: 40 }, () => ({
      userId: archive.people[0]?.id ?? null,
      createdAt: at(daysAgo(4), '00:00:00.000'),
    }))
    await insertCalls(archive.own.sql, calls)
    await rollUp(archive.own.stack.bindings, { sliceRows: 3 })
    expect(await rolledUpDays()).toEqual([daysAgo(4)])
    expectTotals(await archive.statsOf('day'), calls)
  })

  it('leaves a day alone that has hardly ended', async () => {
    await insertCalls(archive.own.sql, archive.someCalls([daysAgo(1), daysAgo(2)], 3))
    const soon = Date.parse(`${today()}T01:30:00Z`)
    await rollUp(archive.own.stack.bindings, { now: soon })
    expect(await rolledUpDays()).toEqual([daysAgo(2)])
    await rollUp(archive.own.stack.bindings, { now: soon + 3_600_000 })
    expect(await rolledUpDays()).toEqual([daysAgo(2), daysAgo(1)])
  })
})

describe('a roll-up that is killed', () => {
  it('at any moment is continued by the next one', async () => {
    const calls = archive.someCalls([daysAgo(8), daysAgo(7)], 30)
    await insertCalls(archive.own.sql, calls)
    const before = await archive.everything()
    await using proxy = await chaosProxy(archive.own.stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 22 }),
        fc.constantFrom('dropped' as const, 'reset' as const),
        fc.integer({ min: 4, max: 40 }),
        async (statements, fault, sliceRows) => {
          // As if it began anew: half of what stands there is of an earlier run.
          await archive.own.sql`update usage_days set rolled_up_to = null, finished_at = null`
          let count = 0
          proxy.match = () => ++count >= statements
          proxy.fault = fault
          const options = { sliceRows, endpoint: proxy.url }
          await rollUp(archive.own.stack.bindings, options).catch(() => undefined)
          proxy.fault = 'none'
          // Halfway, too, the figures are right.
          expect(await archive.everything()).toEqual(before)
          await rollUp(archive.own.stack.bindings, { sliceRows })
          expect(await rolledUpDays()).toEqual([daysAgo(8), daysAgo(7)])
          expect(await archive.everything()).toEqual(before)
        },
      ),
      { numRuns: 12 },
    )
  })

  it('by a statement that fails halfway leaves nothing of it', async () => {
    const calls = [
      ...archive.someCalls([daysAgo(8), daysAgo(6)]),
      { userId: null, model: 'poison', createdAt: at(daysAgo(7)) },
    ]
    await insertCalls(archive.own.sql, calls)
    const before = await archive.everything()
    await archive.own
      .sql`alter table usage_daily_models add constraint no_poison check (model <> 'poison')`
    await expect(rollUp(archive.own.stack.bindings, { sliceRows: 5 })).rejects.toThrow()
    // The day that cannot be rolled up keeps no other from it.
    expect(await rolledUpDays()).toEqual([daysAgo(8), daysAgo(6)])
    expect(await archive.everything()).toEqual(before)
    await archive.own.sql`alter table usage_daily_models drop constraint no_poison`
    await rollUp(archive.own.stack.bindings)
    expect(await rolledUpDays()).toEqual([daysAgo(8), daysAgo(7), daysAgo(6)])
    expect(await archive.everything()).toEqual(before)
  })
})

describe('calls that are written late', () => {
  const longAgo = () => archive.own.sql`update usage_days set started_at = now() - interval '1 day'`

  it('are in the next roll-up, and changed ones too', async () => {
    const calls = archive.someCalls([daysAgo(8), daysAgo(7), daysAgo(6)])
    await insertCalls(archive.own.sql, calls)
    await rollUp(archive.own.stack.bindings)
    await longAgo()

    const late = archive.someCalls([daysAgo(7), daysAgo(3)]).map((one) => ({
      ...one,
      writtenAt: new Date().toISOString(),
    }))
    await insertCalls(archive.own.sql, late)
    await archive.own.sql`update usage_logs set quota = 5000, written_at = now()
      where created_at::date = ${daysAgo(8)}::date and quota is null`
    const changed = calls.map((one) =>
      one.createdAt.startsWith(daysAgo(8)) && one.quota === null ? { ...one, quota: 5000 } : one,
    )

    await rollUp(archive.own.stack.bindings, { sliceRows: 6 })
    expectTotals(await archive.statsOf('day'), [...changed, ...late])
    expectTotals(await archive.statsOf('user'), [...changed, ...late])
    const [untouched] = await archive.own
      .sql`select started_at < now() - interval '1 hour' as is_old
      from usage_days where day = ${daysAgo(6)}`
    expect(untouched?.is_old).toBe(true)
  })

  it('are counted although their day has been deleted', async () => {
    const calls = archive.someCalls([daysAgo(12), daysAgo(11), daysAgo(2)])
    await insertCalls(archive.own.sql, calls)
    await rollUp(archive.own.stack.bindings)
    await longAgo()
    await rollUp(archive.own.stack.bindings, { keptDays: 5 })
    const late = archive.someCalls([daysAgo(12)], 25).map((one) => ({
      ...one,
      writtenAt: new Date().toISOString(),
    }))
    await insertCalls(archive.own.sql, late)
    await Promise.all([1, 2, 3].map(() => rollUp(archive.own.stack.bindings, { keptDays: 5 })))
    expectTotals(await archive.statsOf('day'), [...calls, ...late])
    expectTotals(await archive.statsOf('user'), [...calls, ...late])
    const [left] = await archive.own.sql`select count(*)::int as count from usage_logs`
    expect(left?.count).toBe(20)
  })
})
