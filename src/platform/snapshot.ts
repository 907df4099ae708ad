import type * as z from 'zod'
import type { RedisClient } from './redis.ts'

/** Longer than any write to the database may take. */
const TOMBSTONE_SECONDS = 10
const TOMBSTONE = '-'

/**
 * A copy in Redis of what PostgreSQL knows, for the gate. The copy can be lost at any time; it can
 * never be older than a change: a change first leaves a tombstone, which makes readers go to
 * PostgreSQL and keeps a slow reader from putting its old copy back.
 */
export interface Snapshot<Value> {
  key(id: string | number): string
  /** Reads what was stored under `key`; null means: ask PostgreSQL. */
  parse(stored: unknown): Value | null
  /** Stores a value just read from PostgreSQL, unless a change is under way. */
  fill(redis: RedisClient, id: string | number, value: Value): Promise<void>
  /**
   * Must be called, and must succeed, before a change is written to PostgreSQL: if Redis is down
   * the change does not happen, so that no stale copy survives it.
   */
  invalidate(redis: RedisClient, ...ids: (string | number)[]): Promise<void>
}

export function createSnapshot<Value>(
  prefix: string,
  schema: z.ZodType<Value>,
  ttlSeconds: number,
): Snapshot<Value> {
  const key = (id: string | number) => `${prefix}:${id}`
  return {
    key,
    parse(stored) {
      if (typeof stored !== 'string' || stored === TOMBSTONE) return null
      try {
        return schema.parse(JSON.parse(stored))
      } catch {
        // Written by another version of this Worker: as good as absent.
        return null
      }
    },
    async fill(redis, id, value) {
      await redis.set(key(id), JSON.stringify(value), { nx: true, ex: ttlSeconds })
    },
    async invalidate(redis, ...ids) {
      if (ids.length === 0) return
      const pipeline = redis.multi()
      for (const id of ids) pipeline.set(key(id), TOMBSTONE, { ex: TOMBSTONE_SECONDS })
      await pipeline.exec()
    },
  }
}
