import { sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import {
  accountDrops,
  accountMeters,
  consumptionRows,
  dropShares,
} from '../../../db/schema/index.ts'
import { DOUBTED_MS, SLACK_MS } from './see-calls.ts'
import type { Drop, MeterState, SeenCall, Share } from './state.ts'
import type { DropSample } from './whole-samples.ts'

/** A call that has not been shared out yet. */
export interface PendingCall extends SeenCall {
  /** Whether it is known whose call it was, and so its tokens. */
  isMatched: boolean
}

/** What there is to share out of one account, and what has to be known for it. */
export interface PendingMeter {
  cookieId: string
  meter: string
  calls: PendingCall[]
  state: (MeterState & { version: number }) | null
  drops: Drop[] | null
  open: Share[] | null
  levels: { at: number; left: number }[] | null
  samples: DropSample[] | null
}

/** So many drops of a meter are learned from. */
const SAMPLES = 100
/** More calls than end within one. */
const LEVELS = 1_000

const SLACK = sql.raw(`interval '${SLACK_MS} ms'`)

const DOUBTED = sql.raw(`interval '${DOUBTED_MS} ms'`)

const ms = (moment: string) => sql.raw(`round(extract(epoch from ${moment}) * 1000)::float8`)

/**
 * What calls of these accounts, and of those that these people's calls wait at, have not been shared out
 * yet. What waits for a drop is read only where there may be one. Every part is found by an index,
 * however long the history is.
 */
export function readPending(
  db: Database,
  cookieIds: readonly string[],
  userIds: readonly number[],
) {
  const accounts = JSON.stringify([...new Set(cookieIds)])
  const people = JSON.stringify([...new Set(userIds)])
  return db.execute<PendingMeter & Record<string, unknown>>(sql`
    with pending as (
      select r.cookie_id, r.meter, 
        min(coalesce(r.started_at, r.consumed_at)) as from_at,
        array_agg(r.log_id) as log_ids,
        bool_or(r.quota_after <> coalesce(m.level, -1) or r.quota_before <> m.level
          or known.log_id is not null) as may_change,
        json_agg(json_build_object('logId', r.log_id, 'model', r.model,
          'startedAt', ${ms('coalesce(r.started_at, r.consumed_at)')},
          'endedAt', ${ms('r.consumed_at')}, 'before', r.quota_before, 'after', r.quota_after,
          'tokens', r.tokens, 'isTimed', r.is_timed,
          'isMatched', r.usage_id is not null, 'isKnown', known.log_id is not null)) as calls
      from ${consumptionRows} r
      left join ${accountMeters} m using (cookie_id, meter)
      left join lateral (
        select s.log_id from ${dropShares} s where s.log_id = r.log_id limit 1) known on true
      where r.is_pending and r.cookie_id in (
        select jsonb_array_elements_text(${accounts}::jsonb)
        union
        select w.cookie_id from ${consumptionRows} w
        where w.is_pending and w.user_id in (
          select id::int from jsonb_array_elements_text(${people}::jsonb) as p(id)))
      group by r.cookie_id, r.meter)
    select p.cookie_id as "cookieId", p.meter, p.calls,
      (select json_build_object('version', m.version, 'level', m.level, 'top', m.top,
          'topAt', ${ms('m.top_at')}, 'since', ${ms('m.since')},
          'openSince', ${ms('m.open_since')}, 'lastEndedAt', ${ms('m.last_ended_at')})
        from ${accountMeters} m where m.cookie_id = p.cookie_id and m.meter = p.meter) as state,
      (select json_agg(json_build_object('id', d.id, 'startedAt', ${ms('d.started_at')},
          'endedAt', ${ms('d.ended_at')}, 'lost', d.lost, 'outside', d.outside, 'shares', coalesce((
            select json_agg(json_build_object('logId', s.log_id, 'model', r.model, 'part', s.part,
              'tokens', s.tokens, 'amount', s.amount) order by s.log_id)
            from ${dropShares} s join ${consumptionRows} r on r.log_id = s.log_id
            where s.drop_id = d.id and s.drop_id <> ''), '[]'::json)))
        from (
          select n.id, n.started_at, n.ended_at, n.lost, n.outside from ${accountDrops} n
          where n.cookie_id = p.cookie_id and n.meter = p.meter
            and n.ended_at >= p.from_at - ${DOUBTED} and (n.ended_at >= p.from_at or n.outside > 0)
          union
          select o.id, o.started_at, o.ended_at, o.lost, o.outside
          from unnest(p.log_ids) as l(log_id)
          join ${dropShares} s on s.log_id = l.log_id and s.drop_id <> ''
          join ${accountDrops} o on o.id = s.drop_id) d) as drops,
      (select json_agg(json_build_object('logId', s.log_id, 'model', r.model, 'part', s.part,
          'tokens', s.tokens, 'amount', s.amount))
        from ${dropShares} s join ${consumptionRows} r on r.log_id = s.log_id
        where p.may_change and s.cookie_id = p.cookie_id and s.meter = p.meter
          and s.drop_id = '') as open,
      (select json_agg(json_build_object('at', ${ms('l.consumed_at')}, 'left', l.quota_after))
        from (
          (select consumed_at, quota_after from ${consumptionRows}
            where cookie_id = p.cookie_id and meter = p.meter and consumed_at > p.from_at - ${SLACK}
              and not is_pending
            order by consumed_at desc limit ${LEVELS})
          union all
          (select consumed_at, quota_after from ${consumptionRows}
            where cookie_id = p.cookie_id and meter = p.meter and consumed_at <= p.from_at - ${SLACK}
              and not is_pending
            order by consumed_at desc limit 1)) l) as levels,
      (select json_agg(json_build_object('cookieId', d.cookie_id, 'model', d.model, 'lost', d.lost,
          'calls', d.calls, 'tokens', d.tokens) order by d.ended_at desc, d.id)
        from (
          select id, cookie_id, ended_at, model, lost, calls, tokens from ${accountDrops}
          where p.may_change and meter = p.meter and calls > 0
          order by ended_at desc limit ${SAMPLES}) d) as samples
    from pending p`)
}
