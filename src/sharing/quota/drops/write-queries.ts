import { sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import {
  accountDrops,
  accountMeters,
  consumptionRows,
  dropShares,
  usageLogs,
  users,
} from '../../../db/schema/index.ts'
import { type ChangedPoolRow, changedPoolColumns } from '../pools/pool-queries.ts'
import { type Drawing, drawing, type SettledPool } from '../settlement/drawing-queries.ts'
import { keyRows } from '../settlement/settlement-queries.ts'
import type { Change, Share } from './state.ts'

/** A row of `drop_shares`. */
interface WrittenShare extends Omit<Share, 'model'> {
  dropId: string
  cookieId: string
  meter: string
}

/** What becomes of one account. */
export interface MeterChange {
  cookieId: string
  meter: string
  /** Of its new state. */
  version: number
  change: Change
  written: WrittenShare[]
  gone: { logId: string; dropId: string }[]
}

/**
 * Writes down how what accounts lost has been shared out: shares, what each call counts, what is drawn
 * from pools for it, and the ledger. All of it, or nothing if somebody else has shared out an account
 * of these meanwhile.
 *
 * @returns the pools that changed
 * @throws a unique violation of `account_meters` when another one was quicker: then it has to be read
 *   anew
 */
export async function writeShares(
  db: Database,
  changes: readonly MeterChange[],
  draw: Drawing,
): Promise<SettledPool[]> {
  const at = sql`${draw.at.toISOString()}::timestamptz`
  const iso = (moment: number) => new Date(moment).toISOString()
  const meters = changes.map(({ cookieId, meter, version, change: { state } }) => ({
    cookieId,
    meter,
    version,
    level: state.level,
    top: state.top,
    topAt: iso(state.topAt),
    since: iso(state.since),
    openSince: iso(state.openSince),
    lastEndedAt: iso(state.lastEndedAt),
  }))
  const counted = changes.flatMap(({ change, version }) =>
    [...change.changes].map(([logId, amount]) => ({ logId, amount, version })),
  )
  const drops = changes.flatMap(({ cookieId, meter, change }) =>
    change.drops.map(({ shares, ...drop }) => ({
      ...drop,
      cookieId,
      meter,
      startedAt: iso(drop.startedAt),
      endedAt: iso(drop.endedAt),
      model: shares.every(({ model }) => model === shares[0]?.model)
        ? (shares[0]?.model ?? null)
        : null,
      calls: shares.reduce((sum, { part }) => sum + part, 0),
      tokens: shares.reduce((sum, { tokens }) => sum + tokens, 0),
    })),
  )
  const shares = changes.flatMap(({ written }) => written)
  const gone = changes.flatMap((change) => change.gone)
  const meterRows = sql`jsonb_to_recordset(${JSON.stringify(meters)}::jsonb) as e("cookieId" text,
    meter text, version bigint, level int, top int, "topAt" timestamptz, since timestamptz, "openSince" timestamptz, "lastEndedAt" timestamptz)`
  const cookieIds = [...new Set(changes.map(({ cookieId }) => cookieId))].sort()
  const [, , , { rows }] = await db.batch([
    db.execute(sql`
      select pg_advisory_xact_lock(hashtextextended('consumption:' || id, 0))
      from jsonb_array_elements_text(${JSON.stringify(cookieIds)}::jsonb) with ordinality a(id, n)
      order by n`),
    db.execute(sql`
      delete from ${accountMeters} m using ${meterRows}
      where m.cookie_id = e."cookieId" and m.meter = e.meter and m.version = e.version - 1`),
    // Whoever was quicker has left another version, into which this runs.
    db.execute(sql`
      insert into ${accountMeters} (cookie_id, meter, version, level, top, top_at, since, open_since,
        last_ended_at)
      select "cookieId", meter, version, level, top, "topAt", since, "openSince", "lastEndedAt" from ${meterRows}`),
    db.execute<ChangedPoolRow & SettledPool>(sql`
      with counted as (
        update ${consumptionRows} r set amount = r.amount + c.amount, is_pending = false
        from jsonb_to_recordset(${JSON.stringify(counted)}::jsonb)
          as c("logId" text, amount int, version bigint)
        where r.log_id = c."logId"
        returning r.log_id, r.user_id, r.group_name, r.model, r.is_shared, r.usage_id,
          r.amount as counts, c.amount as change, c.version),
      gone as (
        delete from ${dropShares} s
        using jsonb_to_recordset(${JSON.stringify(gone)}::jsonb) as g("logId" text, "dropId" text)
        where s.log_id = g."logId" and s.drop_id = g."dropId"),
      written as (
        insert into ${dropShares} (log_id, drop_id, cookie_id, meter, part, tokens, amount)
        select "logId", "dropId", "cookieId", meter, part, tokens, amount
        from jsonb_to_recordset(${JSON.stringify(shares)}::jsonb) as s("logId" text, "dropId" text,
          "cookieId" text, meter text, part float8, tokens float8, amount int)
        on conflict (log_id, drop_id) do update
        set part = excluded.part, tokens = excluded.tokens, amount = excluded.amount),
      lost as (
        insert into ${accountDrops} (id, cookie_id, meter, model, started_at, ended_at, lost, outside,
          calls, tokens)
        select id, "cookieId", meter, model, "startedAt", "endedAt", lost, outside, calls, tokens
        from jsonb_to_recordset(${JSON.stringify(drops)}::jsonb) as d(id text, "cookieId" text,
          meter text, model text, "startedAt" timestamptz, "endedAt" timestamptz, lost int,
          outside int, calls float8, tokens float8)
        on conflict (id) do update set model = excluded.model, ended_at = excluded.ended_at,
          lost = excluded.lost, outside = excluded.outside, calls = excluded.calls,
          tokens = excluded.tokens),
      charges as (
        select c.user_id, c.group_name, c.model,
          'consumption:' || c.log_id || ':' || c.version as key, c.change::bigint as amount
        from counted c join ${users} u on u.id = c.user_id
        where c.is_shared and c.change <> 0),
      ${drawing(draw, at)},
      corrected as (
        update ${usageLogs} l set quota = c.counts, written_at = now()
        from counted c join ${usageLogs} o on o.id = c.usage_id
        where l.id = o.id and o.quota is distinct from c.counts
        returning l.api_key_id, l.created_at, c.counts - coalesce(o.quota, 0) as change),
      keyed as (${keyRows(sql`corrected`)})
      select ${changedPoolColumns}, is_told as "isTold" from changed_pools`),
  ])
  return rows
}
