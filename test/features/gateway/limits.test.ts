import { describe, expect, it } from 'vitest'
import { createRateLimiter } from '../../../src/platform/rate-limit.ts'
import type { RatePolicy } from '../../../src/platform/rate-policy.ts'
import { createRedis } from '../../../src/platform/redis.ts'
import { arm, CHAT, MODEL } from '../../support/chat.ts'
import { redis } from '../../support/redis.ts'
import {
  call,
  newChatter,
  newKey,
  stack,
  standIn,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const { UPSTASH_REDIS_REST_URL = '', UPSTASH_REDIS_REST_TOKEN = '' } = stack.bindings
const WEEK_SECONDS = 7 * 86_400

/** The limiters of so many isolates on one Redis, and how often they asked it. */
function isolates(count: number) {
  let asked = 0
  const limiters = Array.from({ length: count }, () => {
    const redis = createRedis(UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN)
    const evalsha = redis.evalsha.bind(redis) as typeof redis.evalsha
    redis.evalsha = ((...args: Parameters<typeof redis.evalsha>) => {
      asked++
      return evalsha(...args)
    }) as typeof redis.evalsha
    return createRateLimiter(redis)
  })
  return { limiters, asked: () => asked }
}

/** Nothing here ends before what goes on beside a call. */
const besides = () => undefined

describe('slices of a limit', () => {
  it.each([
    { limit: 1_000, count: 1, atOnce: 1 },
    { limit: 1_000, count: 5, atOnce: 4 },
    { limit: 350, count: 3, atOnce: 10 },
    { limit: 7, count: 3, atOnce: 3 },
  ])('never let more than $limit through, over $count isolates', async (given) => {
    const { limit, count, atOnce } = given
    const { limiters, asked } = isolates(count)
    const policy: RatePolicy = {
      name: `test-${crypto.randomUUID()}`,
      limit,
      windowSeconds: WEEK_SECONDS,
    }
    let allowed = 0
    let refusals = 0
    while (refusals < 30) {
      const limiter = limiters[Math.floor(Math.random() * count)]
      const verdicts = await Promise.all(
        Array.from({ length: atOnce }, () =>
          limiter?.takeSliced(policy, 'somebody', Date.now(), besides),
        ),
      )
      const passed = verdicts.filter((verdict) => verdict?.isAllowed).length
      allowed += passed
      refusals += verdicts.length - passed
      for (const verdict of verdicts) expect(verdict?.remaining).toBeLessThan(limit)
    }
    expect(allowed).toBeLessThanOrEqual(limit)
    // What several isolates lose of it are slices that did not fit any more.
    expect(allowed).toBeGreaterThanOrEqual(count === 1 ? limit : limit * (1 - 0.01 * count))
    if (limit >= 1_000) expect(asked() - refusals).toBeLessThan(limit / 2)
    if (limit < 200) expect(asked()).toBeGreaterThanOrEqual(allowed)
  })

  it('take back what was not used', async () => {
    const { limiters, asked } = isolates(1)
    const [limiter] = limiters
    const policy: RatePolicy = {
      name: `test-${crypto.randomUUID()}`,
      limit: 1_000,
      windowSeconds: WEEK_SECONDS,
    }
    const take = async () =>
      (await limiter?.takeSliced(policy, 'somebody', Date.now(), besides))?.remaining
    expect(await take()).toBe(999)
    expect(await take()).toBe(998)
    const before = asked()
    await limiter?.refund(policy, 'somebody', Date.now())
    expect(await take()).toBe(998)
    expect(asked()).toBe(before)
  })

  it('are asked for before the last one is used up, so that no call waits', async () => {
    const { limiters, asked } = isolates(1)
    const policy: RatePolicy = {
      name: `test-${crypto.randomUUID()}`,
      limit: 10_000,
      windowSeconds: WEEK_SECONDS,
    }
    let waited = 0
    for (let index = 0; index < 1_000; index++) {
      const under: Promise<unknown>[] = []
      const verdict = limiters[0]?.takeSliced(policy, 'somebody', Date.now(), (work) =>
        under.push(work),
      )
      if (verdict instanceof Promise) waited++
      await verdict
      await Promise.all(under)
    }
    expect(waited).toBe(2)
    expect(asked()).toBeLessThan(15)
  })
})

describe("a key's own limit", () => {
  const limited = async (person: TestPerson, requestsPerMinute: number) => {
    const { body } = await call<{ key: string }>('/api/api-keys', {
      token: person.token,
      json: { requests_per_minute: requestsPerMinute },
    })
    return body.key
  }
  const ask = (key: string, baseUrl = stack.baseUrl) =>
    call<{ error: { type: string } }>('/v1/models', { token: key, baseUrl })

  it('holds beside that of the person, whose other keys go on', async () => {
    const person = await newChatter()
    const key = await limited(person, 3)
    const first = await ask(key)
    expect(first.headers.get('ratelimit-limit')).toBe('3')
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('2')
    const rest = await Promise.all(Array.from({ length: 9 }, () => ask(key)))
    expect(rest.filter(({ status }) => status === 200)).toHaveLength(2)
    const refused = await ask(key)
    expect(refused.status).toBe(429)
    expect(refused.body.error.type).toBe('rate_limit_error')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('ratelimit-policy')).toBe('3;w=60')
    expect((await ask(person.key)).status).toBe(200)
  })

  it('does not use up the limit of the person with what it refuses', async () => {
    await using worker = await workerWith({ RATE_LIMIT: '8/1h' })
    const person = await newChatter()
    const key = await limited(person, 2)
    for (let index = 0; index < 10; index++) await ask(key, worker.url)
    expect((await ask(person.key, worker.url)).status).toBe(200)
  })
})

describe('a limit that the handler waits for', () => {
  it('refuses as every other, before the AI service hears of the call', async () => {
    const settings = { RATE_LIMIT: '2/1h', PRINCIPAL_CACHE_SECONDS: '60' }
    await using worker = await workerWith(settings)
    await using other = await workerWith(settings)
    const person = await newChatter()
    const key = await newKey(person)
    // Of somebody of whom Redis has not heard the first call is counted behind its answer.
    await waitFor(async () => (await redis('EXISTS', `person:${person.id}`)) === 1)
    const chat = async (baseUrl: string) => {
      const marker = await arm('slow', { delayMs: 1 })
      const answer = await call<{ error: { type: string } }>(CHAT, {
        token: key,
        baseUrl,
        json: { model: MODEL, messages: [{ role: 'user', content: marker }] },
      })
      const { requests } = await standIn<{ requests: { body: string }[] }>('requests')
      return { ...answer, isHeard: requests.some(({ body }) => body.includes(marker)) }
    }
    // The second isolate knows nothing of the key, and asks Redis for the person first.
    for (const url of [worker.url, worker.url]) {
      expect(await chat(url)).toMatchObject({ status: 200, isHeard: true })
    }
    for (const url of [worker.url, other.url, other.url]) {
      const refused = await chat(url)
      expect(refused).toMatchObject({ status: 429, isHeard: false })
      expect(refused.body.error.type).toBe('rate_limit_error')
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0')
    }
  })
})
