import { parseJson } from '../../platform/json.ts'
import type { RedisClient } from '../../platform/redis.ts'
import { UsageRow } from './row.ts'

/** Rows that PostgreSQL has not taken yet, by id: written twice they are still one. */
const BACKLOG = 'usage:backlog'
/** Calls that are under way, by id: what would be known of them should their process die. */
const OPEN_CALLS = 'usage:open'
const KEPT_SECONDS = 30 * 86_400
const PAGE = 500

/** A call that is under way; until `until` (milliseconds since the epoch) nobody else may settle it. */
export interface OpenCall {
  until: number
  row: UsageRow
}

/** How often an isolate puts off the end of what is kept, in milliseconds. */
const PUT_OFF_MS = 86_400_000

let putOffAt = 0

/** Says that calls are under way. */
export async function keepOpenCalls(
  redis: RedisClient,
  calls: readonly OpenCall[],
  now: number,
): Promise<void> {
  const entries = Object.fromEntries(calls.map((call) => [call.row.id, JSON.stringify(call)]))
  if (now - putOffAt < PUT_OFF_MS) {
    await redis.hset(OPEN_CALLS, entries)
    return
  }
  await redis.pipeline().hset(OPEN_CALLS, entries).expire(OPEN_CALLS, KEPT_SECONDS).exec()
  putOffAt = now
}

/** Where open calls are kept, by id: for whoever closes them together with something else. */
export const openCalls = (ids: readonly string[]) => ({ key: OPEN_CALLS, fields: ids })

export async function dropOpenCalls(redis: RedisClient, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await redis.hdel(OPEN_CALLS, ...ids)
}

/** Keeps rows for later, and closes their calls with the same stroke. */
export async function keepRows(redis: RedisClient, rows: readonly UsageRow[]): Promise<void> {
  await redis
    .multi()
    .hset(BACKLOG, Object.fromEntries(rows.map((row) => [row.id, JSON.stringify(row)])))
    .expire(BACKLOG, KEPT_SECONDS)
    .hdel(OPEN_CALLS, ...rows.map((row) => row.id))
    .exec()
}

/** Some rows that wait, and the ids of entries that nobody can read. */
export async function someRows(
  redis: RedisClient,
): Promise<{ rows: UsageRow[]; unreadable: string[] }> {
  const entries = await somePage(redis, BACKLOG)
  const rows: UsageRow[] = []
  const unreadable: string[] = []
  for (const [id, text] of entries) {
    const row = UsageRow.safeParse(parseJson(text))
    if (row.success) rows.push(row.data)
    else unreadable.push(id)
  }
  return { rows, unreadable }
}

export async function dropRows(redis: RedisClient, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await redis.hdel(BACKLOG, ...ids)
}

/** The calls whose lease has run out, so that nothing can be working on them any more. */
export async function abandonedCalls(redis: RedisClient, now: number): Promise<UsageRow[]> {
  const abandoned: UsageRow[] = []
  let cursor = '0'
  do {
    const [next, flat] = await redis.hscan(OPEN_CALLS, cursor, { count: PAGE })
    for (const text of valuesOf(flat as string[])) {
      const call = parseJson(text) as Partial<OpenCall> | undefined
      const row = UsageRow.safeParse(call?.row)
      if (row.success && (call?.until ?? 0) < now) abandoned.push(row.data)
    }
    cursor = String(next)
  } while (cursor !== '0')
  return abandoned
}

async function somePage(redis: RedisClient, key: string): Promise<[string, string][]> {
  let cursor = '0'
  do {
    const [next, flat] = await redis.hscan(key, cursor, { count: PAGE })
    const entries = pairsOf(flat as string[])
    if (entries.length > 0) return entries
    cursor = String(next)
  } while (cursor !== '0')
  return []
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((id, index): [string, string][] =>
    index % 2 === 0 ? [[id, flat[index + 1] ?? '']] : [],
  )
}

function valuesOf(flat: readonly string[]): string[] {
  return pairsOf(flat).map(([, value]) => value)
}
