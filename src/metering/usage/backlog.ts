import { createBacklog, pairsOf } from '../../platform/backlog.ts'
import { parseJson } from '../../platform/json.ts'
import type { RedisClient } from '../../platform/redis.ts'
import { UsageRow } from './row.ts'

/** Rows that PostgreSQL has not taken yet, by id: written twice they are still one. */
export const usageBacklog = createBacklog('usage:backlog', UsageRow)
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
  await usageBacklog.keep(redis, rows, (transaction) =>
    transaction.hdel(OPEN_CALLS, ...rows.map((row) => row.id)),
  )
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

function valuesOf(flat: readonly string[]): string[] {
  return pairsOf(flat).map(([, value]) => value)
}
