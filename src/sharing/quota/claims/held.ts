import type { RedisClient } from '../../../platform/redis.ts'

/**
 * What all isolates together hold of things.
 *
 * @param keys of the things' hashes
 * @returns amounts, in the order of the keys
 */
export async function heldOf(
  redis: RedisClient,
  keys: readonly string[],
  now: number,
): Promise<number[]> {
  if (keys.length === 0) return []
  const pipeline = redis.pipeline()
  for (const key of keys) pipeline.hgetall(key)
  const hashes = await pipeline.exec<(Record<string, string> | null)[]>()
  return hashes.map((hash) =>
    Object.entries(hash ?? {})
      .filter(([field]) => field.startsWith('c:'))
      .map(([, claim]) => claim.split(':').map(Number))
      .reduce((sum, [amount = 0, until = 0]) => sum + (until > now ? amount : 0), 0),
  )
}
