import { type SQL, sql } from 'drizzle-orm'
import { consumptionRows, usageLogs } from '../../../db/schema/index.ts'
import { EMPTY, INTERRUPTED } from '../../../metering/usage/index.ts'

/** How long a call waits for its consumption row. */
const PATIENCE = sql.raw(`interval '20 minutes'`)
/** The AI service works no longer than that on a call. */
const LONGEST = sql.raw(`interval '10 minutes'`)

/** So long a row waits for its call, which may have ended elsewhere, or be about to. */
const PLACED_SOON = sql.raw(`interval '20 seconds'`)

/**
 * `matched`: consumption rows that nobody has written yet, and those that came before their call had
 * ended, with the call that each belongs to: of that person and model, one that has no row yet, those
 * of this settlement first. They are written down, and wait to be shared out. What it takes grows with their
 * number, not with that of rows times calls: PostgreSQL believes both to be few.
 *
 * @param isPatient whether new rows without a call are left to whoever settles that call: it holds what
 *   it costs until then, and must not be charged beside that
 */
export function matching(at: SQL, isPatient: boolean): SQL {
  const hasRow = (id: SQL) =>
    sql`exists (select 1 from ${consumptionRows} r where r.usage_id = ${id})`
  return sql`
    waiting as (
      select c.id, c."userId" as user_id, c.model, c.tokens, c."durationMs" as duration_ms,
        c."isFinal" as is_timed, 0 as turn, c."createdAt" as created_at
      from calls c
      where c.charge is null and c."mayHaveUsed" and not ${hasRow(sql`c.id`)} and not exists (
        select 1 from ${usageLogs} l where l.id = c.id and l.quota is not null
          and l.error_code is distinct from ${INTERRUPTED})
      union all
      select l.id, l.user_id, l.model,
        coalesce(l.prompt_tokens, 0)::bigint + coalesce(l.completion_tokens, 0), l.duration_ms,
        coalesce(l.error_code, ${EMPTY}) = ${EMPTY}, 1, l.created_at
      from ${usageLogs} l
      where l.quota is null and l.user_id in (select user_id from unseen)
        and l.created_at > ${at} - ${PATIENCE}
        and l.id not in (select id from calls) and not ${hasRow(sql`l.id`)}),
    queues as (
      select user_id, model, array_agg(id order by turn, created_at, id) as ids,
        array_agg(tokens order by turn, created_at, id) as tokens,
        array_agg(duration_ms order by turn, created_at, id) as duration_ms,
        array_agg(is_timed order by turn, created_at, id) as is_timed,
        array_agg(created_at order by turn, created_at, id) as created_at
      from waiting group by user_id, model),
    ranked_rows as (
      select *, row_number() over (partition by user_id, model order by consumed_at, log_id)::int as n
      from (
        select "logId" as log_id, user_id, model, "consumedAt" as consumed_at, true as is_new,
          "cookieId" as cookie_id, "group" as group_name, meter, "isShared" as is_shared,
          "quotaBefore" as quota_before, "quotaAfter" as quota_after
        from unseen
        union all
        select log_id, user_id, model, consumed_at, false, null, null, null, null, null, null
        from ${consumptionRows}
        where usage_id is null and consumed_at > ${at} - ${PATIENCE}
          and user_id in (select user_id from waiting)) candidates),
    newest as (
      select "userId" as user_id, max("consumedAt") as consumed_at from consumed group by 1),
    matched as (
      select r.*, q.ids[n] as usage_id,
        greatest(1, coalesce(q.tokens[n], 1))::bigint as tokens,
        -- A call that broke off went on there: for how long, only the clocks can tell.
        case when q.is_timed[n] then r.consumed_at - q.duration_ms[n] * interval '1 ms'
          else greatest(least(q.created_at[n], r.consumed_at), r.consumed_at - ${LONGEST})
        end as started_at, coalesce(q.is_timed[n], false) as is_timed
      from ranked_rows r
      left join queues q on q.user_id = r.user_id and q.model = r.model
      left join newest on newest.user_id = r.user_id
      where q.ids[n] is not null or r.is_new and (
        not ${isPatient} or r.consumed_at < newest.consumed_at - ${PLACED_SOON})),
    recorded as (
      insert into ${consumptionRows} (log_id, user_id, cookie_id, model, group_name, meter, is_shared,
        quota_before, quota_after, started_at, is_timed, consumed_at, usage_id, tokens, amount, is_pending)
      select log_id, user_id, cookie_id, model, group_name, meter, is_shared, quota_before, quota_after,
        started_at, is_timed, consumed_at, usage_id, tokens, 0, true
      from matched where is_new),
    claimed as (
      update ${consumptionRows} r
      set usage_id = m.usage_id, tokens = m.tokens, started_at = m.started_at,
        is_timed = m.is_timed, is_pending = r.is_pending or r.meter is not null
      from matched m where not m.is_new and r.log_id = m.log_id)`
}
