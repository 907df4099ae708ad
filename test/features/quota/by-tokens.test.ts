import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { type ChaosProxy, startChaosProxy } from '../../support/chaos-proxy.ts'
import { CHAT, chat, usageRows } from '../../support/chat.ts'
import { type OpenAIServer, startOpenAIServer } from '../../support/openai-server.ts'
import { checkBooks, heldBy } from '../../support/quota.ts'
import { redis } from '../../support/redis.ts'
import {
  call,
  fireCron,
  newKey,
  newPerson,
  sql,
  stack,
  standIn,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const OFTEN = '*/5 * * * *'
/** What the server counts for every answer. */
const TOKENS = 12

let server: OpenAIServer
let database: ChaosProxy
let admin: TestPerson
let worker: Awaited<ReturnType<typeof workerWith>>

beforeAll(async () => {
  server = await startOpenAIServer()
  const endpoint = new URL(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
  database = await startChaosProxy(endpoint.origin)
  worker = await workerWith({
    NEON_FETCH_ENDPOINT: database.url + endpoint.pathname,
    PLUGIN_API_DIALECT: 'openai',
    PLUGIN_API_BASE_URL: server.url,
    PLUGIN_API_ADMIN_KEY: '',
    UPSTREAM_API_KEY: 'sk-operator',
    TOKENS_PER_UNIT: '100',
    POOL_BASE_BY_TRUST_LEVEL: '0.05,1,0.25,3,4',
    PRINCIPAL_CACHE_SECONDS: '60',
  })
  admin = await newAdmin(worker.url)
})
afterAll(async () => {
  await worker?.close()
  await database?.close()
  await server?.close()
})

/** 100 tokens are a unit. */
const charge = (weight: number) => Math.ceil((TOKENS * 10_000 * weight) / 100)

async function newUser(trustLevel: number): Promise<TestPerson & { key: string }> {
  // All at this Worker: the shared one has other pools in mind.
  const person = await newPerson(worker.url)
  const { status } = await call(`/api/admin/users/${person.id}`, {
    method: 'PUT',
    token: admin.token,
    json: { trust_level: trustLevel },
    baseUrl: worker.url,
  })
  expect(status).toBe(200)
  return { ...person, key: await newKey(person, worker.url) }
}

const ask = (person: { key: string }, model: string, limit = 3) =>
  chat({
    key: person.key,
    content: 'hi',
    baseUrl: worker.url,
    extra: { model, max_tokens: limit },
  })

const pools = async (person: TestPerson) =>
  (
    await call<{ ceiling: number; pools: { group: string; balance: number; ceiling: number }[] }>(
      '/api/quotas',
      { token: person.token, baseUrl: worker.url },
    )
  ).body

async function drawn(person: TestPerson): Promise<Record<string, unknown>[]> {
  return sql`select group_name, kind, amount::int as amount, model from quota_ledger
    where user_id = ${person.id} order by id`
}

describe('in front of a plain server', () => {
  it.each([
    [0, 0.05],
    [1, 1],
    [2, 0.25],
    [4, 4],
  ])('trust level %d begins with %d units', async (level, units) => {
    const person = await newUser(level)
    expect(await pools(person)).toMatchObject({
      ceiling: units,
      pools: [{ group: '*', balance: units, ceiling: units }],
    })
  })

  it('a call takes its tokens by the weight of its model, and no account is asked for', async () => {
    const heavy = `heavy-${Date.now()}`
    await sql`insert into model_catalog (id, group_name, weight, is_enabled)
      values (${heavy}, ${heavy}, 25000, true)`
    await redis('DEL', 'catalog:models')
    const { latest } = await standIn<{ latest: number }>('requests')
    const own = await workerWith({
      PLUGIN_API_DIALECT: 'openai',
      PLUGIN_API_BASE_URL: server.url,
      PLUGIN_API_ADMIN_KEY: '',
      UPSTREAM_API_KEY: 'sk-operator',
      TOKENS_PER_UNIT: '100',
      POOL_BASE_BY_TRUST_LEVEL: '0.05,1,0.25,3,4',
    })
    try {
      const person = await newUser(1)
      const seen = server.requests.length
      for (const model of ['tiny', heavy]) {
        const { status } = await chat({
          key: person.key,
          content: 'hi',
          baseUrl: own.url,
          extra: { model, max_tokens: 3 },
        })
        expect(status).toBe(200)
      }
      await usageRows(person.id, 2)
      const ledger = await drawn(person)
      expect(ledger).toEqual(
        expect.arrayContaining([
          { group_name: 'tiny', kind: 'opening', amount: 10_000, model: null },
          { group_name: 'tiny', kind: 'use', amount: -charge(1), model: 'tiny' },
          { group_name: heavy, kind: 'opening', amount: 10_000, model: null },
          { group_name: heavy, kind: 'use', amount: -charge(2.5), model: heavy },
        ]),
      )
      expect(ledger).toHaveLength(4)
      await checkBooks(person)
      // Exactly the two calls, and the stand-in of the other dialect knows nothing of this person.
      expect(server.requests.length - seen).toBe(2)
      const { requests } = await standIn<{ requests: { body: unknown }[] }>(
        `requests?after=${latest}`,
      )
      expect(JSON.stringify(requests)).not.toContain(heavy)
    } finally {
      await own.close()
    }
  })

  it('a used-up pool refuses with the time until it is enough again', async () => {
    const person = await newUser(2)
    const statuses = []
    // 0.25 units are two calls of 0.12; the third one foresees more than is left.
    for (let at = 0; at < 2; at++) statuses.push((await ask(person, 'tiny')).status)
    await usageRows(person.id, 2)
    const refused = await ask(person, 'tiny', 10)
    expect(statuses).toEqual([200, 200])
    expect(refused.status).toBe(429)
    expect(refused.error).toMatchObject({ type: 'insufficient_quota', code: 'insufficient_quota' })
    const wait = Number(refused.headers.get('retry-after'))
    // About 0.1 unit more is foreseen than is left; it recovers 0.05 an hour.
    expect(wait).toBeGreaterThan(3_600)
    expect(wait).toBeLessThan(3 * 3_600)
    await checkBooks(person)
  })

  it('nobody gets through beyond the pool, however many ask at once', async () => {
    const person = await newUser(1)
    const seen = server.requests.length
    // Each foresees a quarter of a unit.
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        chat({
          key: person.key,
          content: 'quiet 1500',
          stream: true,
          baseUrl: worker.url,
          extra: { model: 'tiny', max_tokens: 15 },
        }),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    const through = statuses.filter((status) => status === 200).length
    expect(through).toBeGreaterThan(0)
    expect(through).toBeLessThanOrEqual(4)
    expect(statuses.filter((status) => status === 429)).toHaveLength(20 - through)
    expect(server.requests.length - seen).toBe(through)
    await usageRows(person.id, 20)
    await checkBooks(person)
  })

  it('holds nothing any more for a call that its client has left', async () => {
    const person = await newUser(1)
    const controller = new AbortController()
    const response = await fetch(worker.url + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'tiny',
        stream: true,
        max_tokens: 3,
        messages: [{ role: 'user', content: 'count 400' }],
      }),
      signal: controller.signal,
    })
    await response.body?.getReader().read()
    expect(await heldBy(person, 'tiny')).toBeGreaterThan(0)
    controller.abort()
    const [row] = await usageRows(person.id, 1)
    expect(row).toMatchObject({ status: 499, error_code: 'client_gone' })
    await waitFor(async () => (await heldBy(person, 'tiny')) === 0)
    await checkBooks(person)
  })

  it('books a call once that ended while PostgreSQL was down', async () => {
    const person = await newUser(3)
    await ask(person, 'tiny')
    await usageRows(person.id, 1)
    const running = [0, 1, 2].map(() =>
      chat({
        key: person.key,
        content: 'quiet 900',
        stream: true,
        baseUrl: worker.url,
        extra: { model: 'tiny', max_tokens: 3, stream_options: { include_usage: true } },
      }),
    )
    await waitFor(
      async () => server.requests.filter(({ body }) => body.includes('quiet 900')).length >= 3,
    )
    await database.inflict('reset')
    for (const { status } of await Promise.all(running)) expect(status).toBe(200)
    const count = async () =>
      (await redis<string[]>('HVALS', 'usage:backlog')).join('\n').split(`"userId":${person.id},`)
        .length - 1
    await waitFor(async () => (await count()) === 3)
    await database.recover()
    await Promise.all([fireCron(OFTEN, worker.url), fireCron(OFTEN, worker.url)])
    await waitFor(async () => (await count()) === 0)
    await fireCron(OFTEN, worker.url)
    await usageRows(person.id, 4)
    const uses = (await drawn(person)).filter(({ kind }) => kind === 'use')
    expect(uses.map(({ amount }) => amount)).toEqual([1, 2, 3, 4].map(() => -charge(1)))
    await checkBooks(person)
  })
})

describe('a call that is taken for interrupted', () => {
  const INTERRUPTED = { status: 500, errorCode: 'interrupted' }

  function rowOf(person: TestPerson, more: object = {}) {
    return {
      id: crypto.randomUUID(),
      requestId: crypto.randomUUID(),
      userId: person.id,
      apiKeyId: null,
      endpoint: '/v1/chat/completions',
      model: 'tiny',
      stream: false,
      status: 200,
      errorCode: null,
      promptTokens: 2,
      completionTokens: 1,
      estimated: true,
      timeToFirstByteMs: null,
      durationMs: 5,
      createdAt: new Date().toISOString(),
      ...more,
    }
  }
  const mark = (row: { id: string }) =>
    redis('HSET', 'usage:open', row.id, JSON.stringify({ until: 1, row }))
  const finish = (row: { id: string } & Record<string, unknown>) =>
    redis('HSET', 'usage:backlog', row.id, JSON.stringify(row))
  const amounts = async (person: TestPerson) =>
    (await drawn(person)).filter(({ kind }) => kind === 'use').map(({ amount }) => amount)

  it('costs what it cost once it turns out to have ended', async () => {
    const person = await newUser(1)
    const row = rowOf(person)
    await mark({ ...row, ...INTERRUPTED })
    await fireCron(OFTEN, worker.url)
    expect(await amounts(person)).toEqual([-300])
    await finish({ ...row, promptTokens: 20, completionTokens: 10 })
    await fireCron(OFTEN, worker.url)
    await finish({ ...row, promptTokens: 20, completionTokens: 10 })
    await fireCron(OFTEN, worker.url)
    expect(await amounts(person)).toEqual([-300, -2_700])
    const rows = await sql`select quota from usage_logs where id = ${row.id}`
    expect(rows).toEqual([{ quota: 3_000 }])
    await checkBooks(person)
  })

  it('costs nothing if it had been refused, however late its mark is written', async () => {
    const person = await newUser(1)
    const refused = { status: 429, errorCode: 'upstream_limited', estimated: false }
    const row = rowOf(person, { ...refused, promptTokens: null, completionTokens: null })
    await finish(row)
    await fireCron(OFTEN, worker.url)
    await mark({ ...rowOf(person), id: row.id, ...INTERRUPTED })
    await fireCron(OFTEN, worker.url)
    expect(await amounts(person)).toEqual([])
    const rows = await sql`select quota, status from usage_logs where id = ${row.id}`
    expect(rows).toEqual([{ quota: 0, status: 429 }])
    await checkBooks(person)
  })

  it('is kept, whatever is claimed to have been counted, and so are those beside it', async () => {
    const person = await newUser(4)
    await finish(rowOf(person, { promptTokens: 3e9, completionTokens: 0.4 }))
    await finish(rowOf(person))
    await fireCron(OFTEN, worker.url)
    const rows = await sql`select prompt_tokens from usage_logs where user_id = ${person.id}
      order by prompt_tokens`
    expect(rows).toEqual([{ prompt_tokens: 2 }, { prompt_tokens: 2_147_483_647 }])
    await checkBooks(person)
  })
})
