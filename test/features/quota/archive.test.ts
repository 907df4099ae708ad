import { expect, it } from 'vitest'
import { checkBooks, grant, newLender } from '../../support/quota.ts'
import { call, sql, stack } from '../../support/stack.ts'

const AT_NIGHT = '17 3 * * *'
const ROWS = 6_000
const cron = async () => {
  const response = await fetch(
    `${stack.baseUrl}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(AT_NIGHT)}`,
  )
  expect(response.ok).toBe(true)
}

/** Of a person: all that is left in the books, and what it adds up to. */
async function booksOf(id: number) {
  const [row] = await sql`
    select (select count(*)::int from quota_ledger where user_id = ${id}) as changes,
      (select sum(amount)::int from quota_ledger where user_id = ${id}) as sum,
      (select count(*)::int from consumption_rows where user_id = ${id}) as rows,
      (select coalesce(sum(amount), 0)::int from consumption_rows where user_id = ${id}) as amount,
      (select coalesce(sum(calls), 0)::int from consumption_months where user_id = ${id}) as calls,
      (select coalesce(sum(amount), 0)::int from consumption_months where user_id = ${id}) as archived`
  return row
}

it('history is put together by month, and everything adds up as before', async () => {
  const person = await newLender()
  await grant(person, 1)
  const { id, cookieId } = person
  await sql`
    insert into quota_pools (user_id, group_name, balance, ceiling, remainder, accrued_at, version)
    values (${id}, 'old', 20000, 20000, 0, now(), 1)`
  // Two months and a half, beginning in the middle of one, and something of today.
  await sql`
    insert into quota_ledger (user_id, group_name, kind, amount, balance_after, key, model, created_at)
    select ${id}::int, 'old', case when n % 2 = 0 then 'use' else 'recovery' end,
      case when n % 2 = 0 then -3 else 3 end, n, 'old-' || n, 'm',
      timestamptz '2026-02-14' + n * interval '18 minutes' from generate_series(1, ${ROWS}) n
    union all select ${id}::int, 'old', 'opening', 20000, 20000, 'opening', null, now()`
  await sql`
    insert into consumption_rows (log_id, user_id, cookie_id, model, group_name, meter, is_shared,
      quota_before, quota_after, consumed_at, tokens, amount)
    select 'old-' || ${id}::int || '-' || n, ${id}::int, ${cookieId}::text, 'm', 'old', 'old', true, 10, 9,
      timestamptz '2026-02-14' + n * interval '18 minutes', 7, 2 from generate_series(1, ${ROWS}) n`
  await sql`
    insert into drop_shares (log_id, drop_id, cookie_id, meter, part, tokens, amount)
    values ('old-' || ${id}::int || '-1', 'old', ${cookieId}, 'old', 1, 7, 2)`
  const before = await booksOf(id)
  expect(before).toMatchObject({ sum: 20_000, changes: ROWS + 1, rows: ROWS, amount: 2 * ROWS })
  await cron()
  const months = await sql`
    select key, kind, amount::int as amount from quota_ledger
    where user_id = ${id} and key like 'month:%' order by key, kind`
  const sums = new Map<string, number>()
  for (const { kind, amount } of months) sums.set(kind, (sums.get(kind) ?? 0) + Number(amount))
  expect(Object.fromEntries(sums)).toEqual({ use: (-3 * ROWS) / 2, recovery: (3 * ROWS) / 2 })
  expect([...new Set(months.map(({ key }) => key))]).toEqual([
    'month:2026-02',
    'month:2026-03',
    'month:2026-04',
  ])
  const after = await booksOf(id)
  expect(after).toEqual({
    ...{ sum: 20_000, changes: months.length + 1 },
    ...{ rows: 0, amount: 0, calls: ROWS, archived: 2 * ROWS },
  })
  await checkBooks(person)
  await cron()
  expect(await booksOf(id)).toEqual(after)
  const { body } = await call<{ items: { group: string; kind: string; amount: number }[] }>(
    '/api/quotas/ledger?group=old&limit=100',
    { token: person.token },
  )
  expect(body.items).toHaveLength(months.length + 1)
  expect(body.items[0]).toMatchObject({ kind: 'opening' })

  // What the plug-in still tells of that time is known.
  const [row] = await sql`select until from archived_until where what = 'consumption'`
  expect(+new Date(row?.until)).toBeGreaterThan(Date.parse('2026-05-01'))
})
