import { and, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { atomically } from '../../db/batch.ts'
import type { Database } from '../../db/client.ts'
import {
  apiKeys,
  usageDaily,
  usageDailyKeys,
  usageDailyModels,
  usageDailyPeople,
  usageDays,
  usageLogs,
  users,
} from '../../db/schema/index.ts'
import type { Figures } from './figures.ts'
import { BUCKET_STARTS } from './histogram.ts'
import type { Day } from './period.ts'

export type GroupBy = 'day' | 'model' | 'key' | 'user' | 'nothing'

export interface StatsFilter {
  from: Day
  /** Included. */
  to: Day
  /** Undefined: everybody. */
  userId: number | undefined
  apiKeyId: number | undefined
  model: string | undefined
}

/** One group: `key` is its day, its model, or an id as text; empty where there is none. */
export interface StatsGroup extends Figures {
  key: string
  /** The name of the key or person, where it is known. */
  label: string | null
}

/** The sums of one group and its two histograms as `[kind, bucket, count]`. */
interface GroupRow extends Record<string, unknown> {
  key: string
  label: string | null
  requests: number
  errors: number
  prompt_tokens: number
  completion_tokens: number
  quota: number
  histogram: [0 | 1, number, number][] | null
}

/**
 * Adds up what was used, group by group: from the roll-ups, and from the calls themselves for days
 * that are not rolled up (yet).
 *
 * @returns days in their order; else the groups with the most requests first
 */
export async function readGroups(
  db: Database,
  filter: StatsFilter,
  groupBy: GroupBy,
  limit: number,
): Promise<StatsGroup[]> {
  const table = smallestTable(filter, groupBy)
  const question = sql`
    with days as (
      select d.day, u.finished_at is not null as is_rolled_up
      from (select ${filter.from}::date + n as day
        from generate_series(0, ${filter.to}::date - ${filter.from}::date) n) d
      left join ${usageDays} u on u.day = d.day),
    rolled_up as not materialized (
      select ${groupOf(groupBy, sql`r.day`)} as key, r.*
      from ${table} r join days on days.day = r.day and days.is_rolled_up
      where r.day between ${filter.from}::date and ${filter.to}::date and ${matches(filter)}),
    counted as materialized (
      select ${groupOf(groupBy, sql`days.day`)} as key, ${bucketOf(sql`duration_ms`)} as duration,
        ${bucketOf(sql`time_to_first_byte_ms`)} as first_byte,
        count(*) as requests, count(*) filter (where status >= 400) as errors,
        coalesce(sum(prompt_tokens), 0) as prompt_tokens,
        coalesce(sum(completion_tokens), 0) as completion_tokens, coalesce(sum(quota), 0) as quota
      from days cross join lateral (
        select * from ${usageLogs} r
        where r.created_at >= days.day::timestamp at time zone 'UTC'
          and r.created_at < (days.day + 1)::timestamp at time zone 'UTC' and ${matches(filter)}
        -- Each day through the index: without this all calls may be read for what is taken for many days.
        offset 0) r
      where not days.is_rolled_up group by 1, 2, 3),
    sums as (
      select key, sum(requests)::float8 as requests, sum(errors)::float8 as errors,
        sum(prompt_tokens)::float8 as prompt_tokens,
        sum(completion_tokens)::float8 as completion_tokens, sum(quota)::float8 as quota
      from (
        select key, requests, errors, prompt_tokens, completion_tokens, quota from rolled_up
        union all
        select key, requests, errors, prompt_tokens, completion_tokens, quota from counted) parts
      group by key
      order by ${groupBy === 'day' ? sql`key` : sql`requests desc, key`}
      limit ${limit}),
    histograms as (
      select key, json_agg(json_build_array(kind, bucket, count)) as histogram
      from (
        select key, kind, bucket, sum(count)::float8 as count
        from (
          select key, kind, bucket, count
          from (
            select * from rolled_up where key in (select key from sums)
            -- Before they are taken apart, not after.
            offset 0) shown cross join lateral (
              select 0 as kind, h.* from unnest(duration_buckets, duration_counts) h(bucket, count)
              union all
              select 1, h.* from unnest(first_byte_buckets, first_byte_counts) h(bucket, count)) h
          union all
          select key, 0, duration, requests from counted where key in (select key from sums)
          union all
          select key, 1, first_byte, requests from counted
          where first_byte is not null and key in (select key from sums)) parts
        group by key, kind, bucket) merged
      group by key)
    select sums.*, ${labelOf(groupBy)} as label, histogram
    from sums left join histograms using (key)
    order by ${groupBy === 'day' ? sql`key` : sql`requests desc, key`}`
  const [, result] = await atomically(db, [
    // The planner cannot know how few days are not rolled up: compiling would take longer than all.
    db.execute(sql`select set_config('jit', 'off', true)`),
    db.execute(question),
  ])
  return (result as { rows: GroupRow[] }).rows.map(toGroup)
}

/** The bucket of a latency; null for none. */
export function bucketOf(milliseconds: SQLWrapper): SQL {
  return sql`width_bucket(${milliseconds}, ${sql.raw(`'{${BUCKET_STARTS.join()}}'::int[]`)})`
}

/** The roll-up with the fewest rows that knows what is asked about. */
function smallestTable({ userId, apiKeyId, model }: StatsFilter, groupBy: GroupBy) {
  const isPersonal = userId !== undefined || apiKeyId !== undefined
  if (!isPersonal && groupBy !== 'user' && groupBy !== 'key') return usageDailyModels
  if (model !== undefined || groupBy === 'model') return usageDaily
  return apiKeyId === undefined && groupBy !== 'key' ? usageDailyPeople : usageDailyKeys
}

/** As text that is never null, so that groups can be joined. */
function groupOf(groupBy: GroupBy, day: SQL): SQL {
  switch (groupBy) {
    case 'day':
      return sql`${day}::text`
    case 'model':
      return sql`coalesce(r.model, '')`
    case 'key':
      return sql`coalesce(r.api_key_id::text, '')`
    case 'user':
      return sql`coalesce(r.user_id::text, '')`
    case 'nothing':
      return sql`''`
  }
}

function labelOf(groupBy: GroupBy): SQL {
  if (groupBy === 'key')
    return sql`(select name from ${apiKeys} k where k.id = nullif(sums.key, '')::int)`
  if (groupBy === 'user')
    return sql`(select username from ${users} u where u.id = nullif(sums.key, '')::int)`
  return sql`null`
}

function matches({ userId, apiKeyId, model }: StatsFilter): SQL {
  const conditions = and(
    userId === undefined ? undefined : sql`r.user_id = ${userId}`,
    apiKeyId === undefined ? undefined : sql`r.api_key_id = ${apiKeyId}`,
    model === undefined ? undefined : sql`r.model = ${model}`,
  )
  return conditions ?? sql`true`
}

function toGroup(row: GroupRow): StatsGroup {
  const histogram = (kind: 0 | 1) =>
    new Map(
      (row.histogram ?? []).flatMap(([of, bucket, count]): [number, number][] =>
        of === kind ? [[bucket, count]] : [],
      ),
    )
  return {
    key: row.key,
    label: row.label,
    requests: row.requests,
    errors: row.errors,
    promptTokens: row.prompt_tokens,
    completionTokens: row.completion_tokens,
    quota: row.quota,
    durations: histogram(0),
    firstBytes: histogram(1),
  }
}
