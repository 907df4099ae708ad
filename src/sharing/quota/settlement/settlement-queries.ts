import { type SQL, sql } from 'drizzle-orm'
import type { Statement } from '../../../db/batch.ts'
import type { Database } from '../../../db/client.ts'
import { byIndexAlone } from '../../../db/index-plans.ts'
import {
  apiKeys,
  archivedUntil,
  consumptionRows,
  keyUsage,
  quotaLedger,
  usageLogs,
  users,
} from '../../../db/schema/index.ts'
import { INTERRUPTED, type UsageRow } from '../../../metering/usage/index.ts'
import { type ChangedPoolRow, changedPoolColumns } from '../pools/pool-queries.ts'
import { anyFallen, falling } from '../reserve/lent-queries.ts'
import { type Drawing, drawing, type SettledPool } from './drawing-queries.ts'
import { matching } from './matching-queries.ts'

/** A call that is over, as it is settled. */
export interface SettledRow extends UsageRow {
  /** Of its model; null where nothing can be charged. */
  group: string | null
  /** What it counts by its tokens, in 1/10,000 unit; null: as the plug-in's consumption rows say. */
  charge: number | null
  /** Whether it may have used something that such a row tells of. */
  mayHaveUsed: boolean
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
  /** Names what the vendor measures together with the model. */
  meter: string
  cookieId: string
  model: string
  isShared: boolean
  quotaBefore: number
  quotaAfter: number
  /** ISO time of the plug-in's clock. */
  consumedAt: string
}

export interface Settlement extends Drawing {
  rows: readonly SettledRow[]
  consumed: readonly ConsumedRow[]
  /** What is kept of a lent account for its owner, in 1/10,000 of its quota; 0: nothing. */
  reserve: number
}

/** What has been written down. */
export interface Recorded {
  pools: SettledPool[]
  /** Whether a lent account has come down to its owner's reserve. */
  isAnyFallen: boolean
  /** Rows of the plug-in's that are not in the books: they wait for their call. */
  waiting: ReadonlySet<string>
  /** What `after` has returned. */
  found: unknown
}

/**
 * Writes down what calls have used, however many, in one round trip: usage rows, the plug-in's
 * consumption rows with the calls that they belong to, and what is charged by tokens. What accounts
 * have lost is shared out afterwards.
 *
 * Safe to repeat: a usage row stays as it is unless it was only a guess about an interrupted call, and
 * money moves only with the row that is inserted, or replaces such a guess. A consumption row counts
 * once. A person or key that is gone by now leaves its column empty, as deleting it afterwards would.
 *
 * @param after what is asked in the same transaction, once everything is written; null where nothing
 *   but tokens counts
 * @throws a unique violation when something was being written elsewhere; then it is worth repeating
 */
export async function record(
  db: Database,
  settlement: Settlement,
  after: Statement | null,
): Promise<Recorded> {
  const { reserve, consumed, rows } = settlement
  const at = sql`${settlement.at.toISOString()}::timestamptz`
  const fallen = consumed.filter(
    ({ isShared, quotaAfter }) => isShared && quotaAfter <= reserve && reserve > 0,
  )
  const statement = db.execute<ChangedPoolRow & SettledPool>(sql`
    with ${inputs(settlement)}, ${matching(at, rows.length > 0)}, ${booking()}, ${chargingTokens()},
      ${drawing(settlement, at)}
      ${fallen.length > 0 ? sql`, ${falling(reserve, at)}` : sql``}
    select ${changedPoolColumns}, is_told as "isTold" from changed_pools`)
  if (!after) {
    return {
      pools: (await statement).rows,
      isAnyFallen: false,
      waiting: new Set(),
      found: null,
    }
  }
  const people = [...consumed, ...rows].map(({ userId }) => userId)
  const cookieIds = fallen.map(({ cookieId }) => cookieId)
  // A statement sees what was there when it began: the lock comes first, in one of its own.
  const answers = await db.batch([
    byIndexAlone(db),
    lockPeople(db, people),
    statement,
    unbooked(db, consumed),
    ...(fallen.length > 0 ? [anyFallen(db, cookieIds, at)] : []),
    after,
  ])
  const fell = fallen.length > 0 ? (answers[4] as { rows: unknown[] }) : null
  return {
    pools: answers[2].rows,
    isAnyFallen: (fell?.rows.length ?? 0) > 0,
    waiting: new Set(answers[3].rows.map(({ id }) => id)),
    found: answers.at(-1),
  }
}

/** Nobody else matches the same people's calls and consumption until the transaction ends. */
function lockPeople(db: Database, userIds: readonly number[]) {
  const sorted = [...new Set(userIds)].sort((one, other) => one - other)
  return db.execute(sql`
    select pg_advisory_xact_lock(hashtextextended('settling:' || id, 0))
    from jsonb_array_elements_text(${JSON.stringify(sorted)}::jsonb) with ordinality a(id, n)
    order by n`)
}

/** Those of the rows that have not been booked. */
function unbooked(db: Database, consumed: readonly ConsumedRow[]) {
  return db.execute<{ id: string }>(sql`
    select id from jsonb_array_elements_text(${JSON.stringify(consumed.map(({ logId }) => logId))}::jsonb) a(id)
    where not exists (select 1 from ${consumptionRows} r where r.log_id = a.id)`)
}

/** `calls`, and in `unseen` the consumption rows that nobody has written yet. */
function inputs({ rows, consumed }: Settlement): SQL {
  return sql`
    calls as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
        id uuid, "requestId" text, "userId" int, "apiKeyId" int, endpoint text, model text,
        stream boolean, status int, "errorCode" text, "promptTokens" int, "completionTokens" int,
        estimated boolean, "timeToFirstByteMs" int, "durationMs" int, "createdAt" timestamptz,
        "group" text, charge bigint, "mayHaveUsed" boolean, "isFinal" boolean, tokens bigint)),
    consumed as (
      select * from jsonb_to_recordset(${JSON.stringify(consumed)}::jsonb) as r(
        "logId" text, "userId" int, "group" text, meter text, "cookieId" text, model text,
        "isShared" boolean, "quotaBefore" int, "quotaAfter" int, "consumedAt" timestamptz)),
    unseen as (
      select u.id as user_id, c.* from consumed c join ${users} u on u.id = c."userId"
      where not exists (select 1 from ${consumptionRows} r where r.log_id = c."logId")
        and c."consumedAt" >= coalesce((
          select until from ${archivedUntil} where what = 'consumption'), '-infinity'))`
}

/**
 * `booked`: the usage rows that are new, or replace the guess about a call that was taken for
 * interrupted; with what each counts, and what had been charged for it before. What keys have used
 * goes along.
 */
function booking(): SQL {
  return sql`
    booked as (
      insert into ${usageLogs} (
        id, request_id, user_id, api_key_id, endpoint, model, stream, status, error_code,
        prompt_tokens, completion_tokens, estimated, quota, interim_quota, time_to_first_byte_ms,
        duration_ms, created_at)
      select c.id, c."requestId", u.id, k.id, c.endpoint, c.model, c.stream, c.status,
        c."errorCode", c."promptTokens", c."completionTokens", c.estimated,
        case when c.charge is not null then c.charge
          when c."isFinal" and not exists (select 1 from matched m where m.usage_id = c.id) then 0
        end,
        case when c.charge is not null then 0 end, c."timeToFirstByteMs", c."durationMs",
        c."createdAt"
      from calls c
      left join ${users} u on u.id = c."userId"
      left join ${apiKeys} k on k.id = c."apiKeyId"
      order by c.id
      on conflict (id) do update set
        status = excluded.status, error_code = excluded.error_code,
        prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens,
        estimated = excluded.estimated,
        quota = case when excluded.interim_quota is null
          then coalesce(usage_logs.quota, excluded.quota) else excluded.quota end,
        interim_quota = usage_logs.quota,
        time_to_first_byte_ms = excluded.time_to_first_byte_ms,
        duration_ms = excluded.duration_ms, written_at = now()
      where ${usageLogs.errorCode} = ${INTERRUPTED}
        and excluded.error_code is distinct from ${INTERRUPTED}
      returning id, user_id, api_key_id, created_at, xmax::text <> '0' as is_replaced,
        coalesce(quota, 0) - coalesce(interim_quota, 0) as change),
    keyed as (${keyRows(sql`booked`)})`
}

/**
 * Adds what rows of api_key_id, created_at and change tell to what keys have used.
 *
 * @param source name of a part of the statement
 */
export function keyRows(source: SQL): SQL {
  return sql`
    insert into ${keyUsage} as k (api_key_id, day, quota)
    select api_key_id, (created_at at time zone 'UTC')::date, sum(change)::bigint from ${source}
    where api_key_id is not null group by 1, 2 having sum(change) <> 0 order by 1, 2
    on conflict (api_key_id, day) do update set quota = k.quota + excluded.quota`
}

/** `charges`, of calls that are counted by their tokens. */
function chargingTokens(): SQL {
  return sql`
    keyed_charges as (
      select b.user_id, c."group" as group_name, c.model,
        'call:' || c.id || case when b.is_replaced then ':final' else '' end as key,
        b.change::bigint as amount
      from booked b join calls c using (id)
      where c.charge is not null and c."group" is not null and b.user_id is not null
        and b.change <> 0),
    charges as (
      select * from keyed_charges c where not exists (
        select 1 from ${quotaLedger} l where l.user_id = c.user_id
          and l.group_name = c.group_name and l.kind = 'use' and l.key = c.key))`
}
