import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import {
  apiKeys,
  consumptionRows,
  quotaHolders,
  quotaLedger,
  quotaPools,
  usageLogs,
  users,
} from '../../../db/schema/index.ts'
import { INTERRUPTED, type UsageRow } from '../../../metering/usage/index.ts'
import { type Notices, noticing } from '../notices/notice-queries.ts'
import {
  accruedBy,
  baseOf,
  type ChangedPool,
  type ChangedPoolRow,
  changedPoolColumns,
  recoveryRows,
} from '../pools/pool-queries.ts'
import { anyFallen, falling } from '../reserve/lent-queries.ts'
import { sharing } from './sharing-queries.ts'

/** A call that is over, as it is settled. */
export interface SettledRow extends UsageRow {
  /** Of its model; null where nothing can be charged. */
  group: string | null
  /** What it counts, in 1/10,000 unit; null: as the plug-in's consumption rows say. */
  charge: number | null
  /** Whether those rows would be here by now, had it used anything. */
  isFinal: boolean
  /** By which it shares a consumption with others. */
  tokens: number
}

/** A consumption row of the plug-in; amounts in 1/10,000 unit. */
export interface ConsumedRow {
  logId: string
  userId: number
  group: string
  cookieId: string
  model: string
  isShared: boolean
  quotaBefore: number
  quotaAfter: number
  /** ISO time of the plug-in's clock. */
  consumedAt: string
}

export interface Settlement {
  rows: readonly SettledRow[]
  consumed: readonly ConsumedRow[]
  /** What everybody may draw without lending, by trust level. */
  bases: readonly number[]
  at: Date
  /** Names this settlement. */
  key: string
  notices: Notices
  /** What is kept of a lent account for its owner, in 1/10,000 of its quota; 0: nothing. */
  reserve: number
}

/** A pool after a settlement. */
export interface SettledPool extends ChangedPool {
  /** Little is left of it since then. */
  isTold: boolean
}

/** What a settlement has changed. */
export interface Settled {
  pools: SettledPool[]
  /** Whether a lent account has come down to its owner's reserve. */
  isAnyFallen: boolean
}

/**
 * Writes what calls have used, however many, in one round trip: usage rows, the plug-in's consumption
 * rows, what they take from pools, and the ledger.
 *
 * Safe to repeat: a usage row stays as it is unless it was only a guess about an interrupted call, a
 * consumption row counts once, and so does a call. Where consumption rows of an account and model
 * overlap, the account lost it only once: those who wrote them share it by tokens, and when somebody
 * joins late, the others get back what was theirs too much. A person or key that is gone by now
 * leaves its column empty, as deleting it afterwards would.
 *
 * @returns the pools that changed, and whether an account has to be held back
 * @throws a unique violation when a new pool was being opened elsewhere; then it is worth repeating
 */
export async function settle(db: Database, settlement: Settlement): Promise<Settled> {
  const { reserve } = settlement
  const at = sql`${settlement.at.toISOString()}::timestamptz`
  const fallen = settlement.consumed.filter(
    ({ isShared, quotaAfter }) => isShared && quotaAfter <= reserve && reserve > 0,
  )
  const statement = db.execute<ChangedPoolRow & SettledPool>(sql`
    with ${inputs(settlement)}, ${sharing(at)}, ${drawing(settlement, at)}, ${booking()}
      ${fallen.length > 0 ? sql`, ${falling(reserve, at)}` : sql``}
    select ${changedPoolColumns}, is_told as "isTold" from (
      select m.user_id, m.group_name, m.balance, m.frozen, m.ceiling, m.remainder, m.version,
        m.accrued_at, m.is_told, h.shared_accounts, h.dedicated_accounts, h.held_back_accounts
      from judged m join holders h using (user_id)) changed`)
  const accounts = new Set(settlement.consumed.map(({ cookieId }) => cookieId))
  if (accounts.size === 0) return { pools: (await statement).rows, isAnyFallen: false }
  // A statement sees what was there when it began: the lock comes first, in one of its own.
  const [, { rows: pools }, found] = await db.batch([
    lockAccounts(db, [...accounts].sort()),
    statement,
    ...(fallen.length > 0
      ? [
          anyFallen(
            db,
            fallen.map(({ cookieId }) => cookieId),
            at,
          ),
        ]
      : []),
  ])
  return { pools, isAnyFallen: (found?.rows.length ?? 0) > 0 }
}

/** Nobody else settles the same accounts until the transaction ends. */
function lockAccounts(db: Database, cookieIds: readonly string[]) {
  return db.execute(sql`
    select pg_advisory_xact_lock(hashtextextended('consumption:' || id, 0))
    from jsonb_array_elements_text(${JSON.stringify(cookieIds)}::jsonb) with ordinality a(id, n)
    order by n`)
}

/** `calls`, and in `seen` the consumption rows that nobody has written yet. */
function inputs({ rows, consumed }: Settlement): SQL {
  return sql`
    calls as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
        id uuid, "requestId" text, "userId" int, "apiKeyId" int, endpoint text, model text,
        stream boolean, status int, "errorCode" text, "promptTokens" int, "completionTokens" int,
        estimated boolean, "timeToFirstByteMs" int, "durationMs" int, "createdAt" timestamptz,
        "group" text, charge bigint, "isFinal" boolean, tokens bigint)),
    consumed as (
      select * from jsonb_to_recordset(${JSON.stringify(consumed)}::jsonb) as r(
        "logId" text, "userId" int, "group" text, "cookieId" text, model text, "isShared" boolean,
        "quotaBefore" int, "quotaAfter" int, "consumedAt" timestamptz)),
    unseen as (
      select u.id as user_id, c.* from consumed c join ${users} u on u.id = c."userId"
      where not exists (select 1 from ${consumptionRows} r where r.log_id = c."logId"))`
}

/**
 * `moved`: the pools as they are when everything has been drawn; and the ledger's rows for it. Whoever
 * opens a pool keeps its owner's ceiling from moving, and, as those who move it do, takes the owner
 * before any pool.
 */
function drawing({ bases, key, notices, at: settledAt }: Settlement, at: SQL): SQL {
  return sql`
    charges as (
      select s.user_id, s.group_name, s.model,
        'consumption:' || s.log_id || case when s.earlier_tokens = 0 then '' else ':' || ${key} end as key,
        sum(s.share - s.previous)::bigint as amount
      from shares s join ${users} u on u.id = s.user_id
      where s.is_shared
      group by s.user_id, s.group_name, s.model, s.log_id, s.earlier_tokens
      having sum(s.share - s.previous) <> 0
      union all
      select c."userId", c."group", c.model, 'call:' || c.id, c.charge
      from calls c join ${users} u on u.id = c."userId"
      where c.charge > 0 and c."group" is not null and not exists (
        select 1 from ${quotaLedger} l where l.user_id = c."userId" and l.group_name = c."group"
          and l.kind = 'use' and l.key = 'call:' || c.id)),
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
      from moved where surplus > 0)`
}

/** The usage rows, with what each call has used; and what earlier ones turned out to have used. */
function booking(): SQL {
  return sql`
    found_for as (
      select usage_id as call_id,
        sum(case when is_found then share else share - previous end)::int as change
      from shares
      where usage_id is not null group by usage_id),
    booked as (
      insert into ${usageLogs} (
        id, request_id, user_id, api_key_id, endpoint, model, stream, status, error_code,
        prompt_tokens, completion_tokens, estimated, quota, time_to_first_byte_ms, duration_ms,
        created_at)
      select c.id, c."requestId", u.id, k.id, c.endpoint, c.model, c.stream, c.status,
        c."errorCode", c."promptTokens", c."completionTokens", c.estimated,
        coalesce(c.charge, f.change, case when c."isFinal" then 0 end), c."timeToFirstByteMs",
        c."durationMs", c."createdAt"
      from calls c
      left join found_for f on f.call_id = c.id
      left join ${users} u on u.id = c."userId"
      left join ${apiKeys} k on k.id = c."apiKeyId"
      on conflict (id) do update set
        status = excluded.status, error_code = excluded.error_code,
        prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens,
        estimated = excluded.estimated, quota = coalesce(excluded.quota, usage_logs.quota),
        time_to_first_byte_ms = excluded.time_to_first_byte_ms,
        duration_ms = excluded.duration_ms, written_at = now()
      where ${usageLogs.errorCode} = ${INTERRUPTED}
        and excluded.error_code is distinct from ${INTERRUPTED}),
    corrected as (
      update ${usageLogs} l set quota = coalesce(l.quota, 0) + f.change, written_at = now()
      from found_for f
      where l.id = f.call_id and l.id not in (select id from calls)
        and (l.quota is null or f.change <> 0))`
}
