import { sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import { quotaHolders, quotaLedger, quotaPools } from '../../../db/schema/index.ts'
import { type ChangedPool, readPools } from '../pools/pool-queries.ts'

/**
 * Writes down which groups somebody's own accounts do not serve. Each of them gets a pool of its own,
 * so that the gate can tell it from those that they do.
 *
 * @param spent null: it has to be found out
 * @returns all their pools, as they are then
 */
export async function writeOwnSpent(
  db: Database,
  userId: number,
  spent: readonly string[] | null,
): Promise<ChangedPool[]> {
  const groups = sql`jsonb_array_elements_text(${JSON.stringify(spent ?? [])}::jsonb)`
  const value = spent === null ? sql`null::text[]` : sql`array(select ${groups})`
  const [, , , { rows }] = await db.batch([
    // The owner before any pool, as whoever moves their ceiling does.
    db.execute(sql`
      select 1 from ${quotaHolders} where user_id = ${userId} for no key update`),
    db.execute(sql`
      with changed as (
        update ${quotaHolders} h set own_spent = ${value}, version = h.version + 1
        where h.user_id = ${userId} and h.own_spent is distinct from ${value}
        returning h.user_id)
      update ${quotaPools} p set version = p.version + 1 from changed c
      where p.user_id = c.user_id`),
    db.execute(sql`
      with opened as (
        insert into ${quotaPools} (user_id, group_name, balance, frozen, ceiling, remainder,
          accrued_at, version)
        select h.user_id, g.name, h.balance, h.frozen, h.ceiling, h.remainder, h.accrued_at, 1
        from ${quotaHolders} h cross join ${groups} as g(name)
        where h.user_id = ${userId} and g.name <> '*' and not exists (
          select 1 from ${quotaPools} p where p.user_id = h.user_id and p.group_name = g.name)
        on conflict do nothing
        returning user_id, group_name, balance, accrued_at)
      insert into ${quotaLedger}
        (user_id, group_name, kind, amount, balance_after, key, created_at)
      select user_id, group_name, 'opening', balance, balance, 'opening', accrued_at
      from opened where balance <> 0`),
    readPools(db, [userId]),
  ])
  return rows
}
