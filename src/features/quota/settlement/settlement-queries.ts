import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import {
  apiKeys,
  consumptionRows,
  consumptions,
  quotaHolders,
  quotaLedger,
  quotaPools,
  usageLogs,
  users,
} from '../../../db/schema/index.ts'
import { INTERRUPTED, type UsageRow } from '../../usage/index.ts'
import {
  accruedBy,
  baseOf,
  type ChangedPool,
  type ChangedPoolRow,
  changedPoolColumns,
  recoveryRows,
} from '../pools/pool-queries.ts'

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
}

/** The same fractions of an account come again only after a reset, which is hours away. */
const PERIOD_SECONDS = 10_800
/** How long a call waits for its consumption row. */
const PATIENCE = '20 minutes'

/**
 * Writes what calls have used, however many, in one statement: usage rows, the plug-in's consumption
 * rows, what they take from pools, and the ledger.
 *
 * Safe to repeat: a usage row stays as it is unless it was only a guess about an interrupted call, a
 * consumption row counts once, and so does a call. Rows with the same account, model, before and
 * after are one consumption, which those who wrote them share by tokens; when somebody joins late,
 * the others get back what was theirs too much. A person or key that is gone by now leaves its
 * column empty, as deleting it afterwards would.
 *
 * @returns the pools that changed
 * @throws a unique violation when a new pool was being opened elsewhere; then it is worth repeating
 */
export async function settle(db: Database, settlement: Settlement): Promise<ChangedPool[]> {
  const at = sql`${settlement.at.toISOString()}::timestamptz`
  const { rows } = await db.execute<ChangedPoolRow>(sql`
    with ${inputs(settlement)}, ${sharing(at)}, ${drawing(settlement, at)}, ${booking()}
    select ${changedPoolColumns} from (
      select m.user_id, m.group_name, m.balance, m.ceiling, m.remainder, m.version, m.accrued_at,
        h.shared_accounts, h.dedicated_accounts
      from moved m join holders h using (user_id)) changed`)
  return rows
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
    seen as (
      insert into ${consumptionRows} (log_id, user_id, cookie_id, model, is_shared, quota_before,
        quota_after, consumed_at)
      select c."logId", u.id, c."cookieId", c.model, c."isShared", c."quotaBefore", c."quotaAfter",
        c."consumedAt"
      from consumed c join ${users} u on u.id = c."userId"
      on conflict (log_id) do nothing returning *)`
}

/**
 * `shares`: who shares which consumption, with what is theirs now and what was theirs before. A row
 * belongs to the call of that person and model that has waited for one, those of today first.
 */
function sharing(at: SQL): SQL {
  return sql`
    waiting as (
      select id, "userId" as user_id, model, tokens, 0 as turn, "createdAt" as created_at
      from calls where charge is null
      union all
      select l.id, l.user_id, l.model,
        coalesce(l.prompt_tokens, 0) + coalesce(l.completion_tokens, 0), 1, l.created_at
      from ${usageLogs} l
      where l.quota is null and l.user_id in (select user_id from seen)
        and l.created_at > ${at} - interval '${sql.raw(PATIENCE)}'
        and l.id not in (select id from calls)),
    ranked_calls as (
      select *, row_number() over (partition by user_id, model order by turn, created_at, id) as n
      from waiting),
    ranked_rows as (
      select *, row_number() over (partition by user_id, model order by consumed_at, log_id) as n
      from seen),
    found as (
      select r.*, c."group" as group_name, w.id as call_id,
        greatest(1, coalesce(w.tokens, 1)) as tokens,
        floor(extract(epoch from r.consumed_at) / ${PERIOD_SECONDS})::int as period
      from ranked_rows r
      join consumed c on c."logId" = r.log_id
      left join ranked_calls w on w.user_id = r.user_id and w.model = r.model and w.n = r.n
      where r.quota_before > r.quota_after),
    joining as (
      select cookie_id, model, is_shared, quota_before, quota_after, period,
        count(*)::int as added,
        jsonb_agg(jsonb_build_object('user', user_id, 'group', group_name, 'tokens', tokens,
          'call', call_id) order by consumed_at, log_id) as parts
      from found group by cookie_id, model, is_shared, quota_before, quota_after, period),
    joined as (
      insert into ${consumptions} as k
        (cookie_id, model, is_shared, quota_before, quota_after, period, parts)
      select cookie_id, model, is_shared, quota_before, quota_after, period, parts from joining
      order by cookie_id, model, quota_before
      on conflict (cookie_id, model, quota_before, quota_after, period, is_shared)
        do update set parts = k.parts || excluded.parts
      returning k.*),
    parts as (
      select k.id, k.is_shared, k.model, (k.quota_before - k.quota_after) as total,
        jsonb_array_length(k.parts) as members, jsonb_array_length(k.parts) - j.added as earlier,
        p.n, (p.part->>'user')::int as user_id, p.part->>'group' as group_name,
        (p.part->>'call')::uuid as call_id, (p.part->>'tokens')::numeric as tokens
      from joined k
      join joining j using (cookie_id, model, is_shared, quota_before, quota_after, period)
      cross join lateral jsonb_array_elements(k.parts) with ordinality p(part, n)),
    sums as (
      select *, sum(tokens) over (partition by id order by n) as upto,
        sum(tokens) over (partition by id) as all_tokens,
        sum(tokens) filter (where n <= earlier) over (partition by id) as earlier_tokens
      from parts),
    shares as (
      select *,
        div(total * upto, all_tokens) - div(total * (upto - tokens), all_tokens) as share,
        case when n > earlier then 0
          else div(total * upto, earlier_tokens) - div(total * (upto - tokens), earlier_tokens)
        end as previous
      from sums)`
}

/** `moved`: the pools as they are when everything has been drawn; and the ledger's rows for it. */
function drawing({ bases }: Settlement, at: SQL): SQL {
  return sql`
    charges as (
      select s.user_id, s.group_name, s.model, 'consumption:' || s.id || ':' || s.members as key,
        sum(s.share - s.previous)::bigint as amount
      from shares s join ${users} u on u.id = s.user_id
      where s.is_shared
      group by s.user_id, s.group_name, s.model, s.id, s.members
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
    holders as (
      select * from ${quotaHolders} where user_id in (select user_id from drawn)
      union all select * from held),
    locked as (
      select p.* from ${quotaPools} p join drawn using (user_id, group_name)
      order by p.user_id, p.group_name for no key update of p),
    was as (
      select user_id, group_name, balance, frozen, ceiling, remainder, accrued_at, version,
        true as is_open
      from locked
      union all
      select d.user_id, d.group_name, h.balance, h.frozen, h.ceiling, h.remainder, h.accrued_at, 0,
        false
      from drawn d join holders h using (user_id)
      where not exists (select 1 from locked l
        where l.user_id = d.user_id and l.group_name = d.group_name)),
    moved as (
      select w.user_id, w.group_name, w.is_open, w.balance as balance_before,
        a.balance as accrued, w.ceiling, a.remainder, a.accrued_at, w.version + 1 as version,
        least(a.balance - d.amount, greatest(w.ceiling, a.balance)) as balance,
        w.frozen + greatest(0, a.balance - d.amount - greatest(w.ceiling, a.balance)) as frozen,
        greatest(0, a.balance - d.amount - greatest(w.ceiling, a.balance)) as surplus
      from was w join drawn d using (user_id, group_name) ${accruedBy(sql`${at}`)}),
    updated as (
      update ${quotaPools} p set balance = m.balance, frozen = m.frozen, remainder = m.remainder,
        accrued_at = m.accrued_at, version = m.version
      from moved m
      where m.is_open and p.user_id = m.user_id and p.group_name = m.group_name),
    inserted as (
      insert into ${quotaPools} (user_id, group_name, balance, frozen, ceiling, remainder,
        accrued_at, version)
      select user_id, group_name, balance, frozen, ceiling, remainder, accrued_at, version
      from moved where not is_open),
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
      select call_id, sum(share)::int as quota from shares where call_id is not null
      group by call_id),
    booked as (
      insert into ${usageLogs} (
        id, request_id, user_id, api_key_id, endpoint, model, stream, status, error_code,
        prompt_tokens, completion_tokens, estimated, quota, time_to_first_byte_ms, duration_ms,
        created_at)
      select c.id, c."requestId", u.id, k.id, c.endpoint, c.model, c.stream, c.status,
        c."errorCode", c."promptTokens", c."completionTokens", c.estimated,
        coalesce(c.charge, f.quota, case when c."isFinal" then 0 end), c."timeToFirstByteMs",
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
        duration_ms = excluded.duration_ms
      where ${usageLogs.errorCode} = ${INTERRUPTED}
        and excluded.error_code is distinct from ${INTERRUPTED}),
    corrected as (
      update ${usageLogs} l set quota = f.quota from found_for f
      where l.id = f.call_id and l.id not in (select id from calls)
        and l.quota is distinct from f.quota)`
}
