import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chat, usageRows } from '../../support/chat.ts'
import { startOpenAIServer } from '../../support/openai-server.ts'
import { grant, newLender } from '../../support/quota.ts'
import { call, newKey, newPerson } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const TOKENS = ['limit', 'remaining', 'reset'].map((name) => `x-ratelimit-${name}-tokens`)

const tokensIn = (headers: Headers) => TOKENS.map((name) => headers.get(name))

describe('how much is left', () => {
  it('is said with a refusal, too', async () => {
    const person = await newLender()
    await grant(person, 0.006)
    const { status, headers } = await chat({ key: person.key })
    expect(status).toBe(429)
    const left = headers.get('x-quota-remaining')
    expect(left).toMatch(/^0\.00\d\d$/)
    expect(Number(left)).toBeGreaterThanOrEqual(0.006)
    expect(Number(left)).toBeLessThan(0.01)
    // An account says nothing of how many tokens are left in it.
    expect(tokensIn(headers)).toEqual([null, null, null])
  })

  it('is that of the key where the key is what has nothing left', async () => {
    const person = await newLender()
    await grant(person, 1)
    const { body } = await call<{ key: string }>('/api/api-keys', {
      token: person.token,
      json: { quota_per_day: 0.004 },
    })
    const { status, headers } = await chat({ key: body.key })
    expect(status).toBe(429)
    expect(headers.get('x-quota-remaining')).toBe('0.0040')
  })

  it('can be read by a page that calls a model', async () => {
    const person = await newLender()
    const { headers } = await chat({ key: person.key, headers: { origin: 'https://a.example' } })
    const exposed = headers.get('access-control-expose-headers')?.toLowerCase().split(/, ?/)
    expect(exposed).toEqual(expect.arrayContaining(['x-quota-remaining', ...TOKENS]))
  })
})

describe('where tokens are what is counted', () => {
  let server: Awaited<ReturnType<typeof startOpenAIServer>>
  let worker: Awaited<ReturnType<typeof workerWith>>
  beforeAll(async () => {
    server = await startOpenAIServer()
    worker = await workerWith({
      PLUGIN_API_DIALECT: 'openai',
      PLUGIN_API_BASE_URL: server.url,
      PLUGIN_API_ADMIN_KEY: '',
      UPSTREAM_API_KEY: 'sk-of-the-operator',
      POOL_BASE_BY_TRUST_LEVEL: '1',
      TOKENS_PER_UNIT: '100000',
    })
  })
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]()
    await server?.close()
  })

  it('says how many are left, and when all of them will be', async () => {
    const person = await newPerson(worker.url)
    const ask = (extra = {}) =>
      newKey(person, worker.url).then((key) =>
        chat({ key, baseUrl: worker.url, extra: { model: 'tiny', ...extra } }),
      )
    expect((await ask()).status).toBe(200)
    await usageRows(person.id, 1)
    const { status, headers } = await ask()
    expect(status).toBe(200)
    const [limit, remaining, reset] = tokensIn(headers)
    expect(limit).toBe('100000')
    const units = Number(headers.get('x-quota-remaining'))
    expect(Number(remaining)).toBe(Math.round(units * 100_000))
    expect(Number(remaining)).toBeLessThan(100_000)
    // A fifth of the ceiling recovers in an hour.
    const seconds = Number(/^(\d+)s$/.exec(reset ?? '')?.[1])
    expect(seconds).toBeGreaterThan(0)
    expect(Math.abs(seconds - (1 - units) * 5 * 3_600)).toBeLessThanOrEqual(2)

    await usageRows(person.id, 2)
    const refused = await ask({ max_tokens: 1_000_000 })
    expect(refused).toMatchObject({ status: 429, error: { type: 'insufficient_quota' } })
    expect(Number(refused.headers.get('x-ratelimit-remaining-tokens'))).toBeGreaterThan(99_000)
    expect(refused.headers.get('x-ratelimit-limit-tokens')).toBe('100000')
  })
})
