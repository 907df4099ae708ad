import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import { quotaHolders, quotaLedger, quotaPools, users } from '../../../db/schema/index.ts'
import { counting, type NotedAccount, noteLent } from '../reserve/lent-queries.ts'
import { RECOVERY_DIVISOR } from './accrual.ts'
import type { PoolCopy } from './pool-copy.ts'

/** One pool after a change, as the gate needs it; without a group: what a new pool begins with. */
export interface ChangedPool extends PoolCopy {
  userId: number
  group: string | null
  /** Earned, but above the ceiling. */
  frozen: number
  /** Usable accounts that are held back for their owner: both shared and dedicated. */
  heldBack: number
  /** Groups that their own accounts do not serve; null: nobody has looked since something changed. */
  ownSpent: string[] | null
}

/** Longest time that recovery is worked out for at once, so that no product leaves its type. */
const MAX_ELAPSED_MS = 40 * 86_400_000

/**
 * `accrue` in SQL: `from <was> as w <this>` has the columns `a.balance` and `a.remainder` as they are
 * at that moment, and `a.accrued_at`. `w` needs balance, ceiling, remainder and accrued_at.
 */
export function accruedBy(at: SQL): SQL {
  return sql`
    cross join lateral (
      select least(greatest(0, floor(extract(epoch from (${at} - w.accrued_at)) * 1000)),
        ${MAX_ELAPSED_MS})::bigint as ms) elapsed
    cross join lateral (select w.remainder + w.ceiling * elapsed.ms as sum) gain
    cross join lateral (
      select case when w.balance >= w.ceiling then w.balance
        else least(w.ceiling, w.balance + gain.sum / ${RECOVERY_DIVISOR}::bigint) end as balance,
        case when w.balance + gain.sum / ${RECOVERY_DIVISOR}::bigint >= w.ceiling then 0
        else gain.sum % ${RECOVERY_DIVISOR}::bigint end as remainder,
        greatest(w.accrued_at, ${at}) as accrued_at) a`
}

/** The columns of a `ChangedPool`, of rows that have those of a pool and of its holder's accounts. */
export const changedPoolColumns = sql.raw(`
  user_id as "userId", group_name as "group", balance::float8, frozen::float8, ceiling::float8,
  remainder::float8, version::float8, shared_accounts as shared, dedicated_accounts as dedicated,
  held_back_accounts as "heldBack",
  (select to_jsonb(o.spent) from (
    select user_id as holder, own_spent as spent from quota_holders) o
    where o.holder = user_id) as "ownSpent",
  floor(extract(epoch from accrued_at) * 1000)::float8 as "accruedAt"`)

/** What each lent account adds to the ceiling: 2.0 units. */
const PER_SHARED_ACCOUNT = 20_000

/**
 * What somebody of `users` may draw without lending.
 *
 * @param bases by trust level
 */
export function baseOf(bases: readonly number[]): SQL {
  const list = sql.raw(`array[${bases.map(Number).join(',')}]::bigint[]`)
  return sql`(${list})[least(greatest(${users.trustLevel}, 0), ${bases.length - 1}::int) + 1]`
}

/** Everything that these people may draw from; nothing for somebody who was never heard of. */
export function readPools(db: Database, userIds: readonly number[]) {
  const ids = sql.raw(`array[${userIds.map(Number).join(',')}]::int[]`)
  return db.execute<ChangedPoolRow>(sql`
    select ${changedPoolColumns} from (
      select h.user_id, null::text as group_name, h.balance, h.frozen, h.ceiling, h.remainder,
        h.version, h.accrued_at, h.shared_accounts, h.dedicated_accounts, h.held_back_accounts
      from ${quotaHolders} h where h.user_id = any(${ids})
      union all
      select p.user_id, p.group_name, p.balance, p.frozen, p.ceiling, p.remainder, p.version,
        p.accrued_at,
        h.shared_accounts, h.dedicated_accounts, h.held_back_accounts
      from ${quotaPools} p join ${quotaHolders} h using (user_id) where p.user_id = any(${ids})
    ) pools`)
}

/** As the database gives it. */
export type ChangedPoolRow = ChangedPool & Record<string, unknown>

export interface CeilingChange {
  userId: number
  /** All of theirs; null: as they are. */
  accounts: readonly NotedAccount[] | null
  /** By trust level. */
  bases: readonly number[]
  at: Date
  /** Makes the ledger's rows unique. */
  key: string
}

/**
 * Moves somebody's ceiling to where it belongs. What was earned stays theirs: what a lower ceiling
 * no longer covers is frozen, and thaws when the ceiling rises again.
 *
 * @returns the pools after it; none when nothing changed or nobody is there
 */
export async function moveCeiling(db: Database, change: CeilingChange): Promise<ChangedPool[]> {
  const { userId, accounts, bases, at, key } = change
  const moment = sql`${at.toISOString()}::timestamptz`
  const move = db.execute<ChangedPoolRow>(sql`
    with holder as (
      select * from ${quotaHolders} where user_id = ${userId}),
    ${accounts ? counting(userId, accounts) : asCounted()},
    target as (
      select ${users.id} as user_id, c.*,
        ${baseOf(bases)} + ${PER_SHARED_ACCOUNT} * c.shared_accounts as ceiling
      from ${users} cross join counted c where ${users.id} = ${userId}),
    pools as (
      select p.* from ${quotaPools} p join target using (user_id)
      where p.user_id = ${userId} order by p.group_name for no key update of p),
    was as (
      select user_id, null::text as group_name, balance, frozen, ceiling, remainder, accrued_at,
        version from holder
      union all
      select user_id, group_name, balance, frozen, ceiling, remainder, accrued_at, version
      from pools),
    moved as (
      select w.user_id, w.group_name, w.balance as balance_before, a.balance as accrued,
        least(a.balance + w.frozen, t.ceiling) as balance,
        a.balance + w.frozen - least(a.balance + w.frozen, t.ceiling) as frozen,
        t.ceiling, a.remainder, a.accrued_at, w.version + 1 as version,
        t.shared_accounts, t.dedicated_accounts, t.held_back_accounts
      from was w ${accruedBy(moment)}
      join target t using (user_id)
      join holder h using (user_id)
      where w.ceiling <> t.ceiling or h.shared_accounts <> t.shared_accounts
        or h.dedicated_accounts <> t.dedicated_accounts
        or h.held_back_accounts <> t.held_back_accounts),
    held as (
      update ${quotaHolders} h set shared_accounts = m.shared_accounts,
        dedicated_accounts = m.dedicated_accounts, held_back_accounts = m.held_back_accounts,
        own_spent = ${accounts ? sql`null` : sql`h.own_spent`},
        ceiling = m.ceiling, balance = m.balance,
        frozen = m.frozen, remainder = m.remainder, accrued_at = m.accrued_at, version = m.version
      from moved m where m.group_name is null and h.user_id = m.user_id returning h.user_id),
    drawn as (
      update ${quotaPools} p set ceiling = m.ceiling, balance = m.balance, frozen = m.frozen,
        remainder = m.remainder, accrued_at = m.accrued_at, version = m.version
      from moved m where p.user_id = m.user_id and p.group_name = m.group_name
      returning p.user_id),
    recovered as (${recoveryRows(sql`
      select user_id, group_name, accrued - balance_before as amount, accrued as balance_after,
        accrued_at from moved where group_name is not null and accrued > balance_before`)}),
    noted as (
      insert into ${quotaLedger} (user_id, group_name, kind, amount, balance_after, key, created_at)
      select user_id, group_name, 'ceiling', balance - accrued, balance, ${key}, accrued_at
      from moved where group_name is not null and balance <> accrued)
    select ${changedPoolColumns} from moved`)
  // A statement sees what was there when it began: the owner is locked before, so that no pool of
  // theirs is opened meanwhile with the ceiling that it has now.
  const [, , { rows }] = await db.batch([
    db.execute(sql`
      insert into ${quotaHolders} (user_id, ceiling, balance, accrued_at, version)
      select ${users.id}, ${baseOf(bases)}, ${baseOf(bases)}, ${moment}, 1
      from ${users} where ${users.id} = ${userId} and not exists (
        select 1 from ${quotaHolders} where user_id = ${userId})
      on conflict do nothing`),
    db.execute(sql`
      select 1 from ${quotaHolders} where user_id = ${userId} for no key update`),
    move,
    // Last, as everywhere: pools are locked before the accounts that fill them.
    ...(accounts ? [noteLent(db, userId, accounts)] : []),
  ])
  // Of accounts that have changed nobody knows yet what they serve.
  return accounts ? rows.map((row) => ({ ...row, ownSpent: null })) : rows
}

/** `counted`, where nothing is known of anybody's accounts but what it was the last time. */
function asCounted(): SQL {
  return sql`
    counted as (
      select coalesce(max(shared_accounts), 0) as shared_accounts,
        coalesce(max(dedicated_accounts), 0) as dedicated_accounts,
        coalesce(max(held_back_accounts), 0) as held_back_accounts
      from holder)`
}

/**
 * Writes recovery into the ledger, one row an hour for each pool.
 *
 * @param source rows of user_id, group_name, amount, balance_after, accrued_at
 */
export function recoveryRows(source: SQL): SQL {
  return sql`
    insert into ${quotaLedger} as l
      (user_id, group_name, kind, amount, balance_after, key, created_at)
    select user_id, group_name, 'recovery', amount, balance_after,
      to_char(accrued_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24'), accrued_at
    from (${source}) source
    on conflict (user_id, group_name, kind, key) do update set
      amount = l.amount + excluded.amount, balance_after = excluded.balance_after,
      created_at = excluded.created_at`
}

/**
 * Writes the recovery of one page of pools down, up to a moment.
 *
 * @returns how many were changed; fewer than `limit` when nothing is left
 */
export async function recoverPage(db: Database, until: Date, limit: number): Promise<number> {
  const moment = sql`${until.toISOString()}::timestamptz`
  const { rows } = await db.execute<{ count: number }>(sql`
    with was as (
      select * from ${quotaPools}
      where accrued_at < ${moment} and balance < ceiling
      order by accrued_at limit ${limit} for no key update skip locked),
    moved as (
      select w.user_id, w.group_name, w.balance as balance_before, a.*
      from was w ${accruedBy(moment)}),
    written as (
      update ${quotaPools} p set balance = m.balance, remainder = m.remainder,
        accrued_at = m.accrued_at, version = p.version + 1
      from moved m where p.user_id = m.user_id and p.group_name = m.group_name
      returning p.user_id),
    noted as (${recoveryRows(sql`
      select user_id, group_name, balance - balance_before as amount, balance as balance_after,
        accrued_at from moved where balance > balance_before`)})
    select count(*)::int as count from written`)
  return rows[0]?.count ?? 0
}

/** Whether anything is still recovering. */
export async function isAnyRecovering(db: Database): Promise<boolean> {
  const { rows } = await db.execute(
    sql`select 1 from ${quotaPools} where balance < ceiling limit 1`,
  )
  return rows.length > 0
}
