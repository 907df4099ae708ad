/** @upstash/ratelimit, whose scripts carry the flag `allow-key-locking`. */

import { Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningPart } from '../../../dev/stack/part.ts'
import { backends, startServer, TOKEN } from './support/start.ts'

const LIMIT = 10
const ALGORITHMS = {
  fixedWindow: () => Ratelimit.fixedWindow(LIMIT, '1 h'),
  slidingWindow: () => Ratelimit.slidingWindow(LIMIT, '1 h'),
  tokenBucket: () => Ratelimit.tokenBucket(LIMIT, '1 h', LIMIT),
}

for (const { name, available, options } of backends(12)) {
  describe.skipIf(!available)(`@upstash/ratelimit in front of ${name}`, () => {
    let server: RunningPart
    let redis: Redis

    beforeAll(async () => {
      server = await startServer(options())
      redis = new Redis({ url: server.url, token: TOKEN, retry: { retries: 0 } })
      await redis.flushdb()
    })
    afterAll(() => server?.close())

    for (const [algorithm, limiter] of Object.entries(ALGORITHMS)) {
      const create = (prefix: string) =>
        new Ratelimit({ redis, limiter: limiter(), prefix, ephemeralCache: false, timeout: 60_000 })

      test(`${algorithm}, one after the other`, async () => {
        const limit = create(`one:${algorithm}`)
        for (let i = 1; i <= LIMIT; i += 1) {
          expect(await limit.limit('user')).toMatchObject({ success: true, remaining: LIMIT - i })
        }
        expect(await limit.limit('user')).toMatchObject({ success: false })
        expect((await limit.limit('somebody else')).success).toBe(true)
      })

      test(`${algorithm}, 40 at once`, async () => {
        const limit = create(`many:${algorithm}`)
        const all = await Promise.all(Array.from({ length: 40 }, () => limit.limit('user')))
        expect(all.filter(({ success }) => success)).toHaveLength(LIMIT)
      })
    }
  })
}
