import { type SQL, sql } from 'drizzle-orm'
import { atomically } from '../../db/batch.ts'
import type { Database } from '../../db/client.ts'
import {
  usageDaily,
  usageDailyKeys,
  usageDailyModels,
  usageDailyPeople,
  usageDays,
  usageLogs,
  users,
} from '../../db/schema/index.ts'
import type { Day } from './period.ts'
import { bucketOf } from './stats-queries.ts'

/** What one statement clears away at most. */
const CLEARED_ROWS = 50_000
/**
 * Longer than any transaction lasts: a row that says it was written before a roll-up began, but only
 * just, may have been committed too late to be in it.
 */
const MARGIN = sql.raw(`interval '10 minutes'`)

const startOf = (day: Day) => sql`(${day}::date::timestamp at time zone 'UTC')`
const endOf = (day: Day) => sql`((${day}::date + 1)::timestamp at time zone 'UTC')`
const isCreatedOn = (day: Day) =>
  sql`(created_at >= ${startOf(day)} and created_at < ${endOf(day)})`
/** Written long after the call; the words are those of the index. */
const IS_LATE = sql.raw(`written_at - created_at > interval '1 hour'`)
const isLateOn = (day: SQL) => sql`((created_at at time zone 'UTC')::date = ${day} and ${IS_LATE})`
/** Of the calls of `d.day`, those that its roll-up cannot be sure to hold. */
const isUncounted = (day: SQL) => sql`(${isLateOn(day)} and written_at > d.started_at - ${MARGIN})`
const hasUncounted = (day: SQL) =>
  sql`exists (select 1 from ${usageLogs} where ${isUncounted(day)})`

/** The days that have calls, found by one look at the index for each. */
const LOGGED_DAYS = sql`logged (day) as (
  select (min(created_at) at time zone 'UTC')::date from ${usageLogs}
  union all
  select (select (min(created_at) at time zone 'UTC')::date from ${usageLogs}
    where created_at >= (logged.day + 1)::timestamp at time zone 'UTC')
  from logged where logged.day is not null)`

/** The days up to `last` whose roll-up is missing, not finished, or out of date; the oldest first. */
export async function listDueDays(db: Database, last: Day, limit: number): Promise<Day[]> {
  const { rows } = await db.execute<{ day: Day }>(sql`
    with recursive ${LOGGED_DAYS}
    select logged.day::text as day
    from logged left join ${usageDays} d on d.day = logged.day
    where logged.day <= ${last}::date and d.closed_at is null
      and (d.finished_at is null or ${hasUncounted(sql`logged.day`)})
    order by logged.day limit ${limit}`)
  return rows.map(({ day }) => day)
}

/**
 * Begins a day, or begins it again when calls came late: clears away what an earlier roll-up left.
 * Changes nothing about a day that is up to date, being rolled up, or closed.
 *
 * @returns whether there may be more to clear away: then it has to be called again
 */
export async function openDay(db: Database, day: Day): Promise<boolean> {
  const isClearing = sql`exists (select 1 from ${usageDays}
    where day = ${day} and rolled_up_to is null and closed_at is null)`
  const [, inFull] = await atomically(db, [
    db.execute(sql`
      insert into ${usageDays} as d (day, started_at) values (${day}, now())
      on conflict (day) do update
      set started_at = now(), rolled_up_to = null, finished_at = null
      where d.closed_at is null and (d.rolled_up_to is null
        or d.finished_at is not null and ${hasUncounted(sql`${day}::date`)})`),
    // Whoever deletes a person holds the person's rows: they are left for the next attempt, since
    // waiting for each other could end in a deadlock.
    ...[usageDaily, usageDailyKeys, usageDailyPeople].map((table) =>
      db.execute(sql`
        delete from ${table} where id in (
          select id from ${table} where day = ${day} and ${isClearing}
          limit ${CLEARED_ROWS} for update skip locked)`),
    ),
    db.execute(sql`delete from ${usageDailyModels} where day = ${day} and ${isClearing}`),
    db.execute(sql`
      update ${usageDays} set rolled_up_to = ${startOf(day)}
      where day = ${day} and rolled_up_to is null and closed_at is null
        and not exists (select 1 from ${usageDaily} where day = ${day})
        and not exists (select 1 from ${usageDailyKeys} where day = ${day})
        and not exists (select 1 from ${usageDailyPeople} where day = ${day})`),
  ])
  // The others have fewer rows.
  return (inFull as { rowCount: number }).rowCount >= CLEARED_ROWS
}

/** A part of a day; the moments are as exact as PostgreSQL keeps them. */
export interface Slice {
  from: string
  to: string
}

/**
 * What is to be rolled up next of a day; null when nothing is, or the day is still being cleared.
 *
 * @param rowCount how many calls the slice is to hold; more only if they began at the same moment
 */
export async function nextSlice(db: Database, day: Day, rowCount: number): Promise<Slice | null> {
  const { rows } = await db.execute<Slice & Record<string, unknown>>(sql`
    select d.rolled_up_to::text as "from", coalesce((
      select created_at from ${usageLogs}
      where created_at > d.rolled_up_to and created_at < ${endOf(day)}
      order by created_at offset ${rowCount} limit 1), ${endOf(day)})::text as "to"
    from ${usageDays} d
    where d.day = ${day} and d.rolled_up_to is not null and d.finished_at is null
      and d.closed_at is null`)
  return rows[0] ?? null
}

/**
 * Rolls up one part of a day, once: whoever comes second with the same part changes nothing.
 *
 * @returns whether it was this call that did it
 */
export async function rollUpSlice(db: Database, day: Day, { from, to }: Slice): Promise<boolean> {
  const isInSlice = sql`created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz`
  const [, result] = await atomically(db, [
    lockPeople(db, isInSlice),
    db.execute(sql`
      with moved as (
        update ${usageDays} set rolled_up_to = ${to}::timestamptz,
          finished_at = case when ${to}::timestamptz >= ${endOf(day)} then now() end
        where day = ${day} and rolled_up_to = ${from}::timestamptz and finished_at is null
          and closed_at is null
        returning day),
      calls as (
        select * from ${usageLogs} where ${isInSlice} and exists (select 1 from moved)),
      ${rollUpOf(day)}
      select count(*)::int as count from moved`),
  ])
  return countOf(result) > 0
}

/** The days that are closed although calls came late for them. */
export async function listLateDays(db: Database, limit: number): Promise<Day[]> {
  const { rows } = await db.execute<{ day: Day }>(sql`
    select d.day::text as day from ${usageDays} d
    where d.closed_at is not null and ${hasUncounted(sql`d.day`)}
    order by d.day limit ${limit}`)
  return rows.map(({ day }) => day)
}

/** Adds late calls to the roll-up of a closed day and deletes them with the same stroke. */
export async function moveLateCalls(db: Database, day: Day, limit: number): Promise<number> {
  const late = sql`select id from ${usageLogs}, ${usageDays} d
    where d.day = ${day} and d.closed_at is not null and ${isUncounted(sql`d.day`)}`
  const [, result] = await atomically(db, [
    lockPeople(db, sql`id in (${late})`),
    db.execute(sql`
      with calls as (
        delete from ${usageLogs} where id in (
          ${late} limit ${limit} for update of ${usageLogs} skip locked)
        returning *),
      ${rollUpOf(day)}
      select count(*)::int as count from calls`),
  ])
  return countOf(result)
}

/** The days of before `before` that are rolled up and whose calls are still there; the oldest first. */
export async function listExpiredDays(db: Database, before: Day, limit: number): Promise<Day[]> {
  const { rows } = await db.execute<{ day: Day }>(sql`
    with recursive ${LOGGED_DAYS}
    select logged.day::text as day from logged join ${usageDays} d on d.day = logged.day
    where logged.day < ${before}::date and d.finished_at is not null
    order by logged.day limit ${limit}`)
  return rows.map(({ day }) => day)
}

/** Closes a day that is up to date and deletes some of its calls; never one that is not rolled up. */
export async function deleteCalls(db: Database, day: Day, limit: number): Promise<number> {
  const [, result] = await atomically(db, [
    db.execute(sql`
      update ${usageDays} d set closed_at = now()
      where d.day = ${day} and d.closed_at is null and d.finished_at is not null
        and not ${hasUncounted(sql`d.day`)}`),
    db.execute(sql`
      with gone as (
        delete from ${usageLogs} where id in (
          select id from ${usageLogs}, ${usageDays} d
          where d.day = ${day} and d.closed_at is not null and ${isCreatedOn(day)}
            and not ${isUncounted(sql`d.day`)}
          limit ${limit} for update of ${usageLogs} skip locked)
        returning 1)
      select count(*)::int as count from gone`),
  ])
  return countOf(result)
}

/** The day of the oldest call that is still there. */
export async function findOldestDay(db: Database): Promise<Day | null> {
  const { rows } = await db.execute<{ day: Day | null }>(
    sql`select (min(created_at) at time zone 'UTC')::date::text as day from ${usageLogs}`,
  )
  return rows[0]?.day ?? null
}

/**
 * Keeps the people of some calls from being deleted until the roll-up refers to them, or waits until
 * they are: taken before any other lock, so that the two never wait for each other. The statement
 * after it is not compiled, which would take longer than running it.
 */
function lockPeople(db: Database, whichCalls: SQL) {
  return db.execute(sql`
    select set_config('jit', 'off', true), count(*) from (
      select 1 from ${users}
      where id in (select user_id from ${usageLogs} where ${whichCalls})
      order by id for key share) locked`)
}

/**
 * Adds `calls`, a part of the statement that comes before, to the roll-ups. One pass groups them in
 * every way that is needed; `grouping()` has a bit for each column that a row is summed over.
 */
function rollUpOf(day: Day): SQL {
  return sql`
    measured as (
      select user_id, api_key_id, model, status, prompt_tokens, completion_tokens, quota,
        ${bucketOf(sql`duration_ms`)} as duration,
        ${bucketOf(sql`time_to_first_byte_ms`)} as first_byte
      from calls),
    grouped as (
      select user_id, api_key_id, model, duration, first_byte,
        grouping(user_id, api_key_id, model) as summed, grouping(duration, first_byte) as level,
        count(*) as requests, count(*) filter (where status >= 400) as errors,
        coalesce(sum(prompt_tokens), 0) as prompt_tokens,
        coalesce(sum(completion_tokens), 0) as completion_tokens, coalesce(sum(quota), 0) as quota
      from measured
      group by grouping sets (
        (user_id, api_key_id, model), (user_id, api_key_id, model, duration),
        (user_id, api_key_id, model, first_byte),
        (user_id, api_key_id), (user_id, api_key_id, duration), (user_id, api_key_id, first_byte),
        (user_id), (user_id, duration), (user_id, first_byte),
        (model), (model, duration), (model, first_byte))),
    in_full as (
      insert into ${usageDaily} (day, user_id, api_key_id, model, ${COLUMNS})
      select ${day}::date, user_id, api_key_id, model, ${FIGURES} from grouped
      where summed = 0 group by user_id, api_key_id, model),
    of_keys as (
      insert into ${usageDailyKeys} (day, user_id, api_key_id, ${COLUMNS})
      select ${day}::date, user_id, api_key_id, ${FIGURES} from grouped
      where summed = 1 group by user_id, api_key_id),
    of_people as (
      insert into ${usageDailyPeople} (day, user_id, ${COLUMNS})
      select ${day}::date, user_id, ${FIGURES} from grouped
      where summed = 3 group by user_id),
    of_models as (
      insert into ${usageDailyModels} (day, model, ${COLUMNS})
      select ${day}::date, model, ${FIGURES} from grouped
      where summed = 6 group by model)`
}

const COLUMNS = sql.raw(`requests, errors, prompt_tokens, completion_tokens, quota,
  duration_buckets, duration_counts, first_byte_buckets, first_byte_counts`)

/** Of `level`, 3 is a sum, 1 what has one duration, 2 what has one time to the first byte. */
const FIGURES = sql.raw(`
  sum(requests) filter (where level = 3), sum(errors) filter (where level = 3),
  sum(prompt_tokens) filter (where level = 3), sum(completion_tokens) filter (where level = 3),
  sum(quota) filter (where level = 3),
  coalesce(array_agg(duration order by duration) filter (where level = 1), '{}'),
  coalesce(array_agg(requests order by duration) filter (where level = 1), '{}'),
  coalesce(array_agg(first_byte order by first_byte)
    filter (where level = 2 and first_byte is not null), '{}'),
  coalesce(array_agg(requests order by first_byte)
    filter (where level = 2 and first_byte is not null), '{}')`)

function countOf(result: unknown): number {
  return (result as { rows: { count: number }[] }).rows[0]?.count ?? 0
}
