import { type SQL, sql } from 'drizzle-orm'
import { consumptionRows, usageLogs } from '../../../db/schema/index.ts'

/** The same fractions of an account come again only after a reset, which is hours away. */
const SAME_PERIOD = sql`interval '2 hours'`
/** How long a call waits for its consumption row. */
const PATIENCE = '20 minutes'

/**
 * `shares`: how much of what accounts lost is whose, now and before. An account's loss is cut where
 * one of its rows begins or ends; each piece belongs to all rows that cover it. A row that is new, or
 * that came before its call had ended, belongs to the call of that person and model that has waited
 * for one, those of this settlement first.
 */
export function sharing(at: SQL): SQL {
  return sql`
    waiting as (
      select id, "userId" as user_id, model, tokens, 0 as turn, "createdAt" as created_at
      from calls where charge is null
      union all
      select l.id, l.user_id, l.model,
        coalesce(l.prompt_tokens, 0) + coalesce(l.completion_tokens, 0), 1, l.created_at
      from ${usageLogs} l
      where l.quota is null and l.user_id in (select user_id from unseen)
        and l.created_at > ${at} - interval '${sql.raw(PATIENCE)}'
        and l.id not in (select id from calls)),
    ranked_calls as (
      select *, row_number() over (partition by user_id, model order by turn, created_at, id) as n
      from waiting),
    orphans as (
      select r.* from ${consumptionRows} r
      where r.usage_id is null and r.consumed_at > ${at} - interval '${sql.raw(PATIENCE)}'
        and r.user_id in (select user_id from waiting)),
    ranked_rows as (
      select *, row_number() over (partition by user_id, model order by consumed_at, log_id) as n
      from (
        select "logId" as log_id, user_id, "cookieId" as cookie_id, model, "group" as group_name,
          "isShared" as is_shared, "quotaBefore" as quota_before, "quotaAfter" as quota_after,
          "consumedAt" as consumed_at, 0::bigint as earlier_tokens
        from unseen
        union all
        select log_id, user_id, cookie_id, model, group_name, is_shared, quota_before, quota_after,
          consumed_at, tokens
        from orphans) candidates),
    found as (
      select r.log_id, r.user_id, r.cookie_id, r.model, r.group_name, r.is_shared, r.quota_before,
        r.quota_after, r.consumed_at, w.id as usage_id,
        greatest(1, coalesce(w.tokens, 1))::bigint as tokens, r.earlier_tokens, true as is_found
      from ranked_rows r
      left join ranked_calls w on w.user_id = r.user_id and w.model = r.model and w.n = r.n
      where r.earlier_tokens = 0 or w.id is not null),
    rows as (
      select * from found
      union all
      select log_id, user_id, cookie_id, model, group_name, is_shared, quota_before, quota_after,
        consumed_at, usage_id, tokens, tokens, false
      from ${consumptionRows} r where r.log_id not in (select log_id from found) and exists (
        select 1 from found f
        where f.cookie_id = r.cookie_id and f.model = r.model and f.is_shared = r.is_shared
          and r.consumed_at between f.consumed_at - ${SAME_PERIOD} and f.consumed_at + ${SAME_PERIOD}
          and r.quota_after < f.quota_before and r.quota_before > f.quota_after)),
    cuts as (
      select cookie_id, model, is_shared, quota_after as cut from rows
      union select cookie_id, model, is_shared, quota_before from rows),
    pieces as (
      select cookie_id, model, is_shared, cut as low,
        lead(cut) over (partition by cookie_id, model, is_shared order by cut) as high
      from cuts),
    covered as (
      select r.*, (p.high - p.low)::numeric as size,
        sum(r.tokens) over all_of_piece as all_tokens,
        sum(r.earlier_tokens) over all_of_piece as all_earlier,
        sum(r.tokens) over in_order as upto, sum(r.earlier_tokens) over in_order as earlier_upto,
        bool_or(r.is_found) over all_of_piece as is_changed
      from pieces p join rows r using (cookie_id, model, is_shared)
      where r.quota_after <= p.low and r.quota_before >= p.high
      window all_of_piece as (partition by p.cookie_id, p.model, p.is_shared, p.low),
        in_order as (all_of_piece order by r.consumed_at, r.log_id)),
    shares as (
      select *,
        div(size * upto, all_tokens) - div(size * (upto - tokens), all_tokens) as share,
        case when earlier_tokens = 0 then 0
          else div(size * earlier_upto, all_earlier)
            - div(size * (earlier_upto - earlier_tokens), all_earlier)
        end as previous
      from covered where is_changed),
    copied as (
      insert into ${consumptionRows} (log_id, user_id, cookie_id, model, group_name, is_shared,
        quota_before, quota_after, consumed_at, usage_id, tokens, amount)
      select f.log_id, f.user_id, f.cookie_id, f.model, f.group_name, f.is_shared, f.quota_before,
        f.quota_after, f.consumed_at, f.usage_id, f.tokens,
        coalesce((select sum(s.share) from shares s where s.log_id = f.log_id), 0)::int
      from found f where f.earlier_tokens = 0),
    reshared as (
      update ${consumptionRows} r set amount = r.amount + coalesce(s.change, 0),
        usage_id = c.usage_id, tokens = c.tokens
      from rows c left join (
        select log_id, sum(share - previous)::int as change from shares group by log_id) s
        using (log_id)
      where r.log_id = c.log_id and c.earlier_tokens > 0 and (c.is_found or s.change <> 0))`
}
