import { type SQL, sql } from 'drizzle-orm'
import { quotaHolders, quotaLedger, quotaPools, users } from '../../../db/schema/index.ts'
import { type Notices, noticing } from '../notices/notice-queries.ts'
import { accruedBy, baseOf, type ChangedPool, recoveryRows } from '../pools/pool-queries.ts'

/** What drawing from pools needs to know. */
export interface Drawing {
  /** What everybody may draw without lending, by trust level. */
  bases: readonly number[]
  at: Date
  notices: Notices
}

/** A pool after something was drawn from it. */
export interface SettledPool extends ChangedPool {
  /** Little is left of it since then. */
  isTold: boolean
}

/**
 * Draws `charges` (user_id, group_name, model, key, amount) from pools, with the ledger's rows for it.
 * `changed_pools`: as they are when everything has been drawn, with whether their owner is told. Whoever
 * opens a pool keeps its owner's ceiling from moving, and, as those who move it do, takes the owner
 * before any pool.
 */
export function drawing({ bases, notices, at: settledAt }: Drawing, at: SQL): SQL {
  return sql`
    drawn as (
      select user_id, group_name, sum(amount)::bigint as amount
      from charges group by user_id, group_name),
    held as (
      insert into ${quotaHolders} as h (user_id, ceiling, balance, accrued_at, version)
      select ${users.id}, ${baseOf(bases)}, ${baseOf(bases)}, ${at}, 1 from ${users}
      where ${users.id} in (select user_id from drawn) and not exists (
        select 1 from ${quotaHolders} o where o.user_id = ${users.id})
      order by 1
      on conflict (user_id) do update set version = h.version returning *),
    openers as (
      select h.* from ${quotaHolders} h where user_id in (
        select user_id from drawn d where not exists (select 1 from ${quotaPools} p
          where p.user_id = d.user_id and p.group_name = d.group_name))
      order by user_id for share),
    holders as (
      select * from openers
      union all select * from ${quotaHolders} where user_id in (select user_id from drawn)
        and user_id not in (select user_id from openers)
      union all select * from held),
    locked as (
      select p.* from ${quotaPools} p join drawn using (user_id, group_name)
      where (select count(*) from openers) >= 0
      order by p.user_id, p.group_name for no key update of p),
    was as (
      select user_id, group_name, balance, frozen, ceiling, remainder, accrued_at, version, is_low,
        true as is_open
      from locked
      union all
      select d.user_id, d.group_name, h.balance, h.frozen, h.ceiling, h.remainder, h.accrued_at, 0,
        false, false
      from drawn d join holders h using (user_id)
      where not exists (select 1 from locked l
        where l.user_id = d.user_id and l.group_name = d.group_name)),
    moved as (
      select w.user_id, w.group_name, w.is_open, w.is_low as was_low, w.balance as balance_before,
        a.balance as accrued, w.ceiling, a.remainder, a.accrued_at, w.version + 1 as version,
        least(a.balance - d.amount, greatest(w.ceiling, a.balance)) as balance,
        w.frozen + greatest(0, a.balance - d.amount - greatest(w.ceiling, a.balance)) as frozen,
        greatest(0, a.balance - d.amount - greatest(w.ceiling, a.balance)) as surplus
      from was w join drawn d using (user_id, group_name) ${accruedBy(sql`${at}`)}),
    ${noticing(notices, settledAt)},
    updated as (
      update ${quotaPools} p set balance = m.balance, frozen = m.frozen, remainder = m.remainder,
        accrued_at = m.accrued_at, version = m.version, is_low = m.is_low
      from judged m
      where m.is_open and p.user_id = m.user_id and p.group_name = m.group_name),
    inserted as (
      insert into ${quotaPools} (user_id, group_name, balance, frozen, ceiling, remainder,
        accrued_at, version, is_low)
      select user_id, group_name, balance, frozen, ceiling, remainder, accrued_at, version, is_low
      from judged where not is_open),
    recovered as (${recoveryRows(sql`
      select user_id, group_name, accrued - balance_before as amount, accrued as balance_after,
        accrued_at from moved where accrued > balance_before`)}),
    noted as (
      insert into ${quotaLedger}
        (user_id, group_name, kind, amount, balance_after, key, model, created_at)
      select user_id, group_name, 'opening', balance_before, balance_before, 'opening', null, ${at}
      from moved where not is_open and balance_before <> 0
      union all
      select c.user_id, c.group_name, 'use', -c.amount,
        m.accrued - sum(c.amount) over (partition by c.user_id, c.group_name order by c.key),
        c.key, c.model, ${at}
      from charges c join moved m using (user_id, group_name)
      union all
      select user_id, group_name, 'ceiling', -surplus, balance, 'surplus:' || version, null, ${at}
      from moved where surplus > 0),
    changed_pools as (
      select m.user_id, m.group_name, m.balance, m.frozen, m.ceiling, m.remainder, m.version,
        m.accrued_at, m.is_told, h.shared_accounts, h.dedicated_accounts, h.held_back_accounts
      from judged m join holders h using (user_id))`
}
