import type { RedisClient } from '../../platform/redis.ts'

/**
 * A note in Redis that somebody waits for provisioning. Cron looks here first, so that an idle
 * deployment does not wake its database every few minutes; the intents in PostgreSQL are the truth,
 * and a sweep now and then finds what the note has lost.
 */
const KEY = 'once:plugin-provisioning-due'
const TTL_SECONDS = 86_400

export async function noteDue(redis: RedisClient): Promise<void> {
  await redis.set(KEY, '1', { ex: TTL_SECONDS })
}

/** Takes the note away and says whether there was one; leave a new one when work remains. */
export async function takeNote(redis: RedisClient): Promise<boolean> {
  return (await redis.getdel<string>(KEY)) !== null
}
