import { sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import {
  accountDrops,
  archivedUntil,
  consumptionMonths,
  consumptionRows,
  keyUsage,
  quotaLedger,
} from '../../../db/schema/index.ts'

/** Names the row into which a month (UTC) of one pool's changes of one kind went. */
const monthKey = sql.raw(`'month:' || to_char(created_at at time zone 'UTC', 'YYYY-MM')`)

/**
 * Puts the oldest changes of pools together by month: of each pool and kind one row is left, with the
 * sum, so that what all rows of a pool add up to stays its balance.
 *
 * @param before what is younger stays as it is
 * @returns how many rows there are fewer, or were put in another's place; fewer than `limit` when nothing
 *   is left
 */
export async function archiveLedger(db: Database, before: Date, limit: number): Promise<number> {
  const { rows } = await db.execute<{ count: number }>(sql`
    with page as (
      select id, user_id, group_name, kind, amount, balance_after, ${monthKey} as month
      from ${quotaLedger}
      where created_at < ${before.toISOString()}::timestamptz and key not like 'month:%'
      order by created_at limit ${limit} for update skip locked),
    sums as (
      select user_id, group_name, kind, month, sum(amount)::bigint as amount, max(id) as last_id
      from page group by user_id, group_name, kind, month),
    added as (
      update ${quotaLedger} l set amount = l.amount + s.amount, balance_after = p.balance_after
      from sums s join page p on p.id = s.last_id
      where l.user_id = s.user_id and l.group_name = s.group_name and l.kind = s.kind
        and l.key = s.month
      returning s.last_id),
    kept as (
      update ${quotaLedger} l set amount = s.amount, key = s.month, model = null
      from sums s where l.id = s.last_id and s.last_id not in (select last_id from added)
      returning l.id),
    gone as (
      delete from ${quotaLedger} l using page p
      where l.id = p.id and (p.id not in (select last_id from sums)
        or p.id in (select last_id from added)))
    select count(*)::int as count from page`)
  return rows[0]?.count ?? 0
}

/**
 * Puts the plug-in's oldest rows together by month, and says up to when they are known: none of them is
 * booked a second time.
 *
 * @returns as `archiveLedger`
 */
export async function archiveConsumption(
  db: Database,
  before: Date,
  limit: number,
): Promise<number> {
  const moment = sql`${before.toISOString()}::timestamptz`
  const [, { rows }] = await db.batch([
    db.execute(sql`
      insert into ${archivedUntil} as a (what, until) values ('consumption', ${moment})
      on conflict (what) do update set until = greatest(a.until, excluded.until)`),
    db.execute<{ count: number }>(sql`
      with page as (
        delete from ${consumptionRows} where log_id in (
          select log_id from ${consumptionRows} where consumed_at < ${moment} and not is_pending
          order by consumed_at limit ${limit} for update skip locked)
        returning *),
      summed as (
        insert into ${consumptionMonths} (month, user_id, cookie_id, model, is_shared, calls, tokens, amount)
        select date_trunc('month', consumed_at at time zone 'UTC')::date, user_id, cookie_id, model,
          is_shared, count(*), sum(tokens)::bigint, sum(amount)::bigint
        from page group by 1, 2, 3, 4, 5)
      select count(*)::int as count from page`),
  ])
  return rows[0]?.count ?? 0
}

/** Forgets the oldest losses of accounts, of which nothing can be shared out any more. */
export async function forgetDrops(db: Database, before: Date, limit: number): Promise<number> {
  const { rows } = await db.execute<{ count: number }>(sql`
    with gone as (
      delete from ${accountDrops} where id in (
        select id from ${accountDrops} where ended_at < ${before.toISOString()}::timestamptz
        order by ended_at limit ${limit})
      returning 1)
    select count(*)::int as count from gone`)
  return rows[0]?.count ?? 0
}

/** Forgets what keys have used on days that no budget counts any more. */
export async function forgetKeyUse(db: Database, before: Date): Promise<void> {
  await db.execute(sql`
    delete from ${keyUsage} where day < ${before.toISOString().slice(0, 10)}::date`)
}
