import * as z from 'zod'
import { parseJson } from '../../platform/json.ts'
import type { RedisClient } from '../../platform/redis.ts'
import { LAST_WRITTEN_DAY } from '../usage/index.ts'
import type { Day } from './period.ts'

/**
 * What the last run has left to do, so that the next one need not ask PostgreSQL. It is gone after a
 * week, or with Redis: then a run looks for itself.
 */
const KEY = 'usage:rolled-up'
const TTL_SECONDS = 7 * 86_400

const RolledUp = z.object({
  /** All days up to this one are rolled up. */
  through: z.string(),
  /** The first day on which calls are old enough to be deleted; null: never. */
  expiresOn: z.string().nullable(),
})
export type RolledUp = z.output<typeof RolledUp>

/** Whether there can be anything to roll up or to delete. */
export async function isRollUpDue(redis: RedisClient, today: Day): Promise<boolean> {
  const [stored, written] = await redis.mget<(string | null)[]>(KEY, LAST_WRITTEN_DAY)
  const { data: done } = RolledUp.safeParse(parseJson(stored ?? ''))
  if (!done) return true
  if (written && written > done.through) return true
  return done.expiresOn !== null && today >= done.expiresOn
}

/** @param done null when there is more to do */
export async function noteRolledUp(redis: RedisClient, done: RolledUp | null): Promise<void> {
  if (done) await redis.set(KEY, JSON.stringify(done), { ex: TTL_SECONDS })
  else await redis.del(KEY)
}
