import type { Ctx } from '../../context.ts'
import { defineScript } from '../../platform/script.ts'

/** As long as a cron trigger may run at most: after that the lock of a run that was killed is gone. */
const TTL_SECONDS = 900

const release = defineScript<number>(`
  if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
  return 0`)

/**
 * Runs `work` unless it is under way somewhere.
 *
 * @returns null when it is
 */
export async function exclusively<Result>(
  { services: { redis }, random }: Pick<Ctx, 'services' | 'random'>,
  name: string,
  work: () => Promise<Result>,
): Promise<Result | null> {
  const key = `lock:job:${name}`
  const owner = random.uuid()
  const taken = await redis.set(key, owner, { nx: true, ex: TTL_SECONDS })
  if (taken === null) return null
  try {
    return await work()
  } finally {
    // Should this fail, the lock goes by itself.
    await release.run(redis, [key], [owner]).catch(() => undefined)
  }
}
