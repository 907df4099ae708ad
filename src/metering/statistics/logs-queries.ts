import { and, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { apiKeys, usageLogs, users } from '../../db/schema/index.ts'
import type { Position } from './cursor.ts'

export interface LogFilter {
  /** ISO moments; the second one is not included. */
  from: string | undefined
  to: string | undefined
  /** Undefined: everybody. */
  userId: number | undefined
  model: string | undefined
  apiKeyId: number | undefined
  /** `4` for 400 to 499. */
  statusClass: number | undefined
  isError: boolean
  stream: boolean | undefined
}

/** One call, as the answers name its parts. */
export interface LogRow extends Record<string, unknown> {
  id: string
  request_id: string
  /** ISO. */
  created_at: string
  user_id: number | null
  username: string | null
  api_key_id: number | null
  api_key_name: string | null
  endpoint: string
  model: string | null
  stream: boolean
  status: number
  error_code: string | null
  prompt_tokens: number | null
  completion_tokens: number | null
  estimated: boolean
  /** In 1/10,000 unit. */
  quota: number | null
  time_to_first_byte_ms: number | null
  duration_ms: number
  micros: string
}

/** What one statement looks at, at most, in search of calls that match. */
const LOOKED_AT = 20_000
const MICROS = sql.raw(`(extract(epoch from created_at) * 1000000)::bigint::text as micros`)
const NEWEST_FIRST = sql.raw('order by created_at desc, id desc')

/**
 * The newest calls that match, of those behind `after`. Only so many calls are looked at: when few of
 * them match there is less than asked for, and `next` says where to go on.
 */
export async function readLogs(
  db: Database,
  filter: LogFilter,
  after: Position | null,
  limit: number,
): Promise<{ rows: LogRow[]; next: Position | null }> {
  const inReach = sql`select l.* from ${usageLogs} l where ${isInReach(filter, after)}
    ${NEWEST_FIRST} limit ${LOOKED_AT}`
  const { rows } = await db.execute<LogRow>(sql`
    select l.id, request_id,
      to_char(l.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
      l.user_id, u.username, api_key_id, k.name as api_key_name, endpoint, model, stream, status,
      error_code, prompt_tokens, completion_tokens, estimated, quota, time_to_first_byte_ms,
      duration_ms, micros
    from (
      select *, ${MICROS} from (${inReach}) reached where ${matches(filter)}
      ${NEWEST_FIRST} limit ${limit + 1}) l
    left join ${users} u on u.id = l.user_id
    left join ${apiKeys} k on k.id = l.api_key_id
    order by l.created_at desc, l.id desc`)
  if (rows.length > limit) {
    const shown = rows.slice(0, limit)
    return { rows: shown, next: shown.at(-1) ?? null }
  }
  return { rows, next: await findEndOfReach(db, filter, after) }
}

/** The last call that has been looked at; null when there are none behind it. */
async function findEndOfReach(
  db: Database,
  filter: LogFilter,
  after: Position | null,
): Promise<Position | null> {
  const { rows } = await db.execute<Position & Record<string, unknown>>(sql`
    select id, ${MICROS} from ${usageLogs} where ${isInReach(filter, after)}
    ${NEWEST_FIRST} limit 1 offset ${LOOKED_AT - 1}`)
  return rows[0] ?? null
}

/** What the indices answer. */
function isInReach({ userId, from, to }: LogFilter, after: Position | null): SQL {
  const conditions = and(
    userId === undefined ? undefined : sql`user_id = ${userId}`,
    from === undefined ? undefined : sql`created_at >= ${from}::timestamptz`,
    to === undefined ? undefined : sql`created_at < ${to}::timestamptz`,
    after
      ? sql`(created_at, id) < (
          timestamptz 'epoch' + ${after.micros}::bigint * interval '1 microsecond', ${after.id}::uuid)`
      : undefined,
  )
  return conditions ?? sql`true`
}

/** What has to be looked at row by row. */
function matches({ model, apiKeyId, statusClass, isError, stream }: LogFilter): SQL {
  const conditions = and(
    model === undefined ? undefined : sql`model = ${model}`,
    apiKeyId === undefined ? undefined : sql`api_key_id = ${apiKeyId}`,
    statusClass === undefined ? undefined : sql`status / 100 = ${statusClass}`,
    isError ? sql`status >= 400` : undefined,
    stream === undefined ? undefined : sql`stream = ${stream}`,
  )
  return conditions ?? sql`true`
}
