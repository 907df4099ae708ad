import type { Random } from './random.ts'
import type { RedisClient } from './redis.ts'
import { defineScript } from './script.ts'
import { storeCallMs, withoutStoreTime } from './store-time.ts'
import { sleep, within } from './timer.ts'

const POLL_MS = 100

const RELEASE = defineScript<number>(
  `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,
)

/** The right to do something alone; given back, or lost after its time. */
export interface Lock {
  /** Does not reject: what is not given back runs out. */
  release(): Promise<void>
}

interface LockCtx {
  services: { redis: RedisClient }
  random: Random
  waitUntil(work: Promise<unknown>): void
}

interface LockOptions {
  /** Longer than the work may take. */
  ttlMs: number
  /** How long to wait for whoever has it; 0: not at all. */
  waitMs?: number
}

/** @returns null when somebody else has it, and keeps it for `waitMs` */
export async function takeLock(
  { services: { redis }, random, waitUntil }: LockCtx,
  name: string,
  { ttlMs, waitMs = 0 }: LockOptions,
): Promise<Lock | null> {
  const key = `lock:${name}`
  const token = random.uuid()
  // Whoever has no time left for stores gives it back all the same.
  const giveBack = (isSoon: boolean) =>
    withoutStoreTime(async () => {
      if (!isSoon) await sleep(storeCallMs())
      await RELEASE.run(redis, [key], [token])
    }).catch(() => undefined)
  const take = async () => {
    try {
      return (await redis.set(key, token, { nx: true, px: ttlMs })) === 'OK'
    } catch (error) {
      // It may be taken by now, or in a moment, unheard.
      waitUntil(giveBack(false))
      throw error
    }
  }
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    if (await take()) {
      return {
        release: async () => {
          const released = giveBack(true)
          waitUntil(released)
          await within(storeCallMs(), released, undefined)
        },
      }
    }
    if (waitedMs >= waitMs) return null
    await sleep(POLL_MS)
  }
}
