import type * as z from 'zod'
import { parseJson } from './json.ts'
import type { RedisClient } from './redis.ts'

const KEPT_SECONDS = 30 * 86_400
/** So many are looked at at once. */
const PAGE = 500
/** Bounds one run; the next one goes on. */
const MAX_PAGES = 50

type Transaction = ReturnType<RedisClient['multi']>

/**
 * What PostgreSQL has not taken, by id, in Redis until cron finds PostgreSQL back. An item may be
 * kept although it was written (the answer was lost), and may be written by two runs at once: writing
 * one twice must be harmless.
 */
export interface Backlog<Item> {
  /** @param alongside what else is done with the same stroke */
  keep(
    redis: RedisClient,
    items: readonly Item[],
    alongside?: (transaction: Transaction) => Transaction,
  ): Promise<void>
  drop(redis: RedisClient, ids: readonly string[]): Promise<void>
  /**
   * Works on all that is kept, a page at a time, and forgets what it has worked on; run by cron.
   *
   * @param write writes a page and says how many it has written; throws to keep them
   * @param onUnreadable hears how many entries nobody can read; they are forgotten
   * @returns how many were written
   */
  drain(
    redis: RedisClient,
    write: (items: Item[]) => Promise<number>,
    onUnreadable: (count: number) => void,
  ): Promise<number>
}

/** @param key of the hash; unique among all backlogs */
export function createBacklog<Item extends { id: string }>(
  key: string,
  schema: z.ZodType<Item>,
): Backlog<Item> {
  const drop = async (redis: RedisClient, ids: readonly string[]) => {
    if (ids.length > 0) await redis.hdel(key, ...ids)
  }

  const somePage = async (redis: RedisClient) => {
    const entries = await someEntries(redis, key)
    const items = entries.flatMap(([, text]) => {
      const item = schema.safeParse(parseJson(text))
      return item.success ? [item.data] : []
    })
    return { ids: entries.map(([id]) => id), items }
  }

  return {
    async keep(redis, items, alongside = (transaction) => transaction) {
      const entries = Object.fromEntries(items.map((item) => [item.id, JSON.stringify(item)]))
      await alongside(redis.multi().hset(key, entries).expire(key, KEPT_SECONDS)).exec()
    },
    drop,
    async drain(redis, write, onUnreadable) {
      let written = 0
      for (let page = 0; page < MAX_PAGES; page++) {
        const { ids, items } = await somePage(redis)
        if (ids.length === 0) break
        if (ids.length > items.length) onUnreadable(ids.length - items.length)
        if (items.length > 0) written += await write(items)
        await drop(redis, ids)
      }
      return written
    },
  }
}

async function someEntries(redis: RedisClient, key: string): Promise<[string, string][]> {
  let cursor = '0'
  do {
    const [next, flat] = await redis.hscan(key, cursor, { count: PAGE })
    const entries = pairsOf(flat as string[])
    if (entries.length > 0) return entries
    cursor = String(next)
  } while (cursor !== '0')
  return []
}

/** Field and value of what a hash answers with. */
export function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((field, index): [string, string][] =>
    index % 2 === 0 ? [[field, flat[index + 1] ?? '']] : [],
  )
}
