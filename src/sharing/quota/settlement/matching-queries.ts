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
 * of this settlement first. They are written down, and wait to be shared out.
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
    ranked_calls as (
      select *, row_number() over (partition by user_id, model order by turn, created_at, id) as n
      from waiting),
    ranked_rows as (
      select *, row_number() over (partition by user_id, model order by consumed_at, log_id) as n
      from (
        select "logId" as log_id, user_id, model, "consumedAt" as consumed_at, true as is_new
        from unseen
        union all
        select log_id, user_id, model, consumed_at, false from ${consumptionRows}
        where usage_id is null and consumed_at > ${at} - ${PATIENCE}
          and user_id in (select user_id from waiting)) candidates),
    matched as (
      select r.log_id, r.is_new, w.id as usage_id,
        greatest(1, coalesce(w.tokens, 1))::bigint as tokens,
        -- A call that broke off went on there: for how long, only the clocks can tell.
        case when w.is_timed then r.consumed_at - w.duration_ms * interval '1 ms'
          else greatest(least(w.created_at, r.consumed_at), r.consumed_at - ${LONGEST})
        end as started_at, coalesce(w.is_timed, false) as is_timed
      from ranked_rows r
      left join ranked_calls w on w.user_id = r.user_id and w.model = r.model and w.n = r.n
      where w.id is not null or r.is_new and (not ${isPatient} or r.consumed_at < (
        select max("consumedAt") from consumed c where c."userId" = r.user_id) - ${PLACED_SOON})),
    recorded as (
      insert into ${consumptionRows} (log_id, user_id, cookie_id, model, group_name, meter, is_shared,
        quota_before, quota_after, started_at, is_timed, consumed_at, usage_id, tokens, amount, is_pending)
      select u."logId", u.user_id, u."cookieId", u.model, u."group", u.meter, u."isShared",
        u."quotaBefore", u."quotaAfter", m.started_at, m.is_timed, u."consumedAt", m.usage_id, m.tokens, 0, true
      from unseen u join matched m on m.log_id = u."logId"),
    claimed as (
      update ${consumptionRows} r
      set usage_id = m.usage_id, tokens = m.tokens, started_at = m.started_at,
        is_timed = m.is_timed, is_pending = r.is_pending or r.meter is not null
      from matched m where not m.is_new and r.log_id = m.log_id)`
}
