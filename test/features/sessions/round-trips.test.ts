import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changePerson } from '../../support/admin.ts'
import { type ChaosProxy, chaosProxy } from '../../support/chaos.ts'
import {
  call,
  newKey,
  newPerson,
  sql,
  stack,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

/** Long against everything else, so that what was sent together can be told from what came after. */
const LATENCY_MS = 400

describe('what an authenticated request costs', () => {
  let redis: ChaosProxy
  let database: ChaosProxy
  let worker: OwnWorker
  let person: TestPerson
  beforeAll(async () => {
    redis = await chaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
    database = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    worker = await workerWith({
      UPSTASH_REDIS_REST_URL: redis.url,
      NEON_FETCH_ENDPOINT: database.url,
      // Which of them is meant is known before the person has been read.
      RATE_LIMIT_BY_TRUST_LEVEL: '600/1m,1200/1m,1800/1m',
    })
    person = await newPerson(worker.url)
    await changePerson(
      person.id,
      () => sql`update users set trust_level = 2 where id = ${person.id}`,
    )
    const { body } = await call<{ access_token: string }>('/api/auth/login', { json: person })
    person = { ...person, token: body.access_token }
    // Setting up the person at the plug-in API is a change, after which PostgreSQL is asked for a while.
    await waitFor(async () => {
      database.requests.length = 0
      await call('/api/auth/sessions/current', { token: person.token, baseUrl: worker.url })
      return database.requests.length === 0
    }, 20_000)
  })
  afterAll(async () => {
    await worker[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  it('is one Redis round trip and no SQL, rate limit included', async () => {
    redis.requests.length = 0
    database.requests.length = 0
    redis.delayMs = LATENCY_MS
    const startedAt = performance.now()
    const { status, headers } = await call('/api/auth/sessions/current', {
      token: person.token,
      baseUrl: worker.url,
    })
    const took = performance.now() - startedAt
    redis.delayMs = 0
    expect(status).toBe(200)
    expect(headers.get('ratelimit-limit')).toBe('1800')
    expect(database.requests).toEqual([])
    expect(redis.requests).toHaveLength(2)
    const [first, second] = redis.requests.map(({ at }) => at)
    // Both left before either was answered.
    expect(Math.abs((first ?? 0) - (second ?? 0))).toBeLessThan(LATENCY_MS / 2)
    expect(took).toBeLessThan(LATENCY_MS * 1.75)
  })

  it('is one for a key that the isolate knows, and two for one that it does not', async () => {
    const key = await newKey(person, worker.url)
    const ask = async () => {
      redis.requests.length = 0
      database.requests.length = 0
      redis.delayMs = LATENCY_MS
      const startedAt = performance.now()
      await call('/v1/models/none', { token: key, baseUrl: worker.url })
      const took = performance.now() - startedAt
      redis.delayMs = 0
      return Math.floor(took / LATENCY_MS)
    }
    expect(await ask()).toBeLessThanOrEqual(2)
    expect(await ask()).toBe(1)
    expect(database.requests).toEqual([])
  })
})
