import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { takeLock } from '../../../src/platform/lock.ts'
import { systemRandom } from '../../../src/platform/random.ts'
import type { RedisClient } from '../../../src/platform/redis.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('a lock whose taker did not hear that it has it is given back', async () => {
  const held = new Map<string, string>()
  const redis = {
    set: async (key: string, token: string) => {
      // It arrives, later than anybody waits for it.
      setTimeout(() => held.set(key, token), 1_000)
      throw new Error('no time left')
    },
    createScript: () => ({
      exec: async ([key = '']: string[], [token]: string[]) =>
        held.get(key) === token && held.delete(key) ? 1 : 0,
    }),
  } as unknown as RedisClient
  const later: Promise<unknown>[] = []
  const ctx = {
    services: { redis },
    random: systemRandom,
    waitUntil: (work: Promise<unknown>) => void later.push(work),
  }
  await expect(takeLock(ctx, 'accounts:1', { ttlMs: 60_000 })).rejects.toThrow('no time left')
  await vi.advanceTimersByTimeAsync(1_500)
  expect(held.size).toBe(1)
  await vi.advanceTimersByTimeAsync(10_000)
  await Promise.all(later)
  expect(held.size).toBe(0)
})
