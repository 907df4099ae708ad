import { sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import { accountDrops, consumptionRows, lentAccounts } from '../../../db/schema/index.ts'

/** A loss of an account that nobody's calls can have caused; the amount in 1/10,000 of its quota. */
export interface OutsideUse extends Record<string, unknown> {
  cookieId: string
  meter: string
  at: string
  amount: number
}

/**
 * The newest use outside of the accounts of one person: those that they lend, and those that they alone
 * have drawn from lately.
 */
export async function readOutsideUse(
  db: Database,
  userId: number,
  since: Date,
  limit: number,
): Promise<OutsideUse[]> {
  const from = sql`${since.toISOString()}::timestamptz`
  const { rows } = await db.execute<OutsideUse>(sql`
    with own as (
      select cookie_id from ${lentAccounts} where user_id = ${userId}
      union
      select cookie_id from ${consumptionRows}
      where user_id = ${userId} and not is_shared and consumed_at >= ${from})
    select d.cookie_id as "cookieId", d.meter,
      to_char(d.ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
      d.outside as amount
    from own join ${accountDrops} d using (cookie_id)
    where d.outside > 0 and d.ended_at >= ${from}
    order by d.ended_at desc, d.id limit ${limit}`)
  return rows
}
