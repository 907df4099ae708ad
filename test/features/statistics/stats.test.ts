import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { chat, MODEL, usageRows } from '../../support/chat.ts'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { call, newChatter, newPerson, sql, stack, type TestPerson } from '../../support/stack.ts'
import { daysAgo, insertCalls, type StatsBody, today } from './support.ts'

async function createKey(token: string, json: object = {}, baseUrl = stack.baseUrl) {
  const { body } = await call<{ id: number; key: string }>('/api/api-keys', {
    token,
    json,
    baseUrl,
  })
  return body
}

let somebody: TestPerson
beforeAll(async () => {
  somebody = await newPerson()
})

const stats = (token: string, query = '', baseUrl = stack.baseUrl) =>
  call<StatsBody>(`/api/usage/stats${query}`, { token, baseUrl })

describe('my usage', () => {
  it('is nothing before the first call', async () => {
    const { token } = await newPerson()
    const { status, body } = await stats(token)
    expect(status).toBe(200)
    expect(body).toEqual({
      from: daysAgo(29),
      to: today(),
      group_by: 'day',
      totals: {
        requests: 0,
        errors: 0,
        prompt_tokens: 0,
        completion_tokens: 0,
        total_tokens: 0,
        quota: 0,
        duration_ms: null,
        time_to_first_byte_ms: null,
      },
      rows: [],
      truncated: false,
    })
  })

  it('counts a chat', async () => {
    const person = await newChatter()
    await chat({ key: person.key })
    await usageRows(person.id, 1)
    const { body } = await stats(person.token, '?group_by=model')
    expect(body.totals).toMatchObject({ requests: 1, errors: 0 })
    expect(body.totals.total_tokens).toBeGreaterThan(0)
    expect(body.totals.duration_ms?.p50).toBeGreaterThanOrEqual(0)
    expect(body.rows).toMatchObject([{ model: MODEL, requests: 1 }])
  })

  it("is nobody else's", async () => {
    const [person, other] = await Promise.all([newPerson(), newPerson()])
    const key = await createKey(other.token)
    await insertCalls(sql, [
      { userId: other.id, apiKeyId: key.id, createdAt: new Date().toISOString() },
    ])
    for (const query of ['', `?api_key_id=${key.id}`, `?user_id=${other.id}`])
      expect((await stats(person.token, query)).body.totals.requests).toBe(0)
  })

  it('can be read with a key, if it was made for that', async () => {
    const person = await newPerson()
    const reader = await createKey(person.token, { scopes: ['read:usage'] })
    const chatter = await createKey(person.token, { scopes: ['chat'] })
    expect((await stats(reader.key)).status).toBe(200)
    expect(await stats(chatter.key)).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    })
  })

  it.each([
    '?from=2026-02-30',
    '?from=0000-01-01',
    '?to=9999-12-31',
    '?from=yesterday',
    `?from=${daysAgo(1)}&to=${daysAgo(2)}`,
    `?from=${daysAgo(400)}`,
    '?group_by=user',
    '?limit=0',
    '?limit=501',
    '?api_key_id=99999999999',
    '?api_key_id=x',
    '?model=%00',
  ])('refuses %s', async (query) => {
    expect(await stats(somebody.token, query)).toMatchObject({
      status: 422,
      body: { code: 'validation_failed' },
    })
  })
})

/** A day of the past belongs to everybody: in the shared database it may be rolled up already. */
describe('my usage of the past', () => {
  let own: OwnStack
  beforeAll(async () => {
    own = await ownStack()
  })
  afterAll(() => own[Symbol.asyncDispose]())
  const statsOf = (token: string, query = '') => stats(token, query, own.baseUrl)

  it('is grouped by day, model and key, and told apart by either', async () => {
    const person = await newPerson(own.baseUrl)
    const key = await createKey(person.token, { name: 'laptop' }, own.baseUrl)
    const mine = { userId: person.id, durationMs: 100, promptTokens: 5, completionTokens: 7 }
    const noon = (day: string) => `${day}T12:00:00.000Z`
    await insertCalls(own.sql, [
      { ...mine, createdAt: noon(daysAgo(3)), quota: 12_345, timeToFirstByteMs: 40 },
      { ...mine, createdAt: noon(daysAgo(3)), apiKeyId: key.id, model: 'model-b', status: 499 },
      { ...mine, createdAt: noon(daysAgo(2)), apiKeyId: key.id, model: null, status: 500 },
      // The last moment of a day and the first of the next.
      { ...mine, createdAt: `${daysAgo(2)}T23:59:59.999Z` },
      { ...mine, createdAt: `${daysAgo(1)}T00:00:00.000Z` },
      { ...mine, createdAt: noon(daysAgo(40)) },
    ])
    const one = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 }

    const byDay = (await statsOf(person.token)).body
    expect(byDay.rows).toMatchObject([
      { day: daysAgo(3), requests: 2, errors: 1, quota: 1.2345, total_tokens: 24 },
      { day: daysAgo(2), requests: 2, errors: 1, quota: 0 },
      { day: daysAgo(1), requests: 1, errors: 0, time_to_first_byte_ms: null, ...one },
    ])
    expect(byDay.totals).toMatchObject({ requests: 5, errors: 2, quota: 1.2345 })
    expect(byDay.totals.time_to_first_byte_ms?.p50).toBe(43)
    expect(byDay.totals.duration_ms).toEqual({ p50: 108, p95: 108, p99: 108 })

    const byModel = (await statsOf(person.token, '?group_by=model')).body
    expect(byModel.rows.map(({ model, requests }) => [model, requests])).toEqual([
      ['model-a', 3],
      [null, 1],
      ['model-b', 1],
    ])
    const byKey = (await statsOf(person.token, '?group_by=key')).body
    expect(byKey.rows).toMatchObject([
      { api_key_id: null, api_key_name: null, requests: 3 },
      { api_key_id: key.id, api_key_name: 'laptop', requests: 2 },
    ])
    for (const [query, requests] of [
      [`?api_key_id=${key.id}`, 2],
      ['?model=model-b', 1],
      [`?from=${daysAgo(60)}`, 6],
      [`?from=${daysAgo(2)}&to=${daysAgo(2)}`, 2],
      [`?to=${daysAgo(30)}`, 1],
      ['?group_by=model&limit=1', 5],
    ] as const)
      expect((await statsOf(person.token, query)).body.totals.requests, query).toBe(requests)
    expect((await statsOf(person.token, '?group_by=model&limit=1')).body).toMatchObject({
      truncated: true,
      rows: [{ model: 'model-a' }],
    })
  })
})

describe("everybody's usage", () => {
  it('is for administrators, of everybody or of one', async () => {
    const [admin, person, other] = await Promise.all([newAdmin(), newPerson(), newPerson()])
    const model = `model-${crypto.randomUUID()}`
    const createdAt = new Date().toISOString()
    await insertCalls(sql, [
      { userId: person.id, model, createdAt },
      { userId: person.id, model, createdAt },
      { userId: other.id, model, createdAt },
    ])
    const read = async (query: string) =>
      (await call<StatsBody>(`/api/admin/usage/stats?${query}`, { token: admin.token })).body
    expect(await read(`model=${model}&group_by=user`)).toMatchObject({
      totals: { requests: 3 },
      rows: [
        { user_id: person.id, username: person.username, requests: 2 },
        { user_id: other.id, username: other.username, requests: 1 },
      ],
    })
    expect(await read(`model=${model}&group_by=user&limit=1`)).toMatchObject({
      totals: { requests: 3 },
      rows: [{ user_id: person.id }],
      truncated: true,
    })
    expect(await read(`user_id=${other.id}`)).toMatchObject({ totals: { requests: 1 } })
    expect((await call('/api/admin/usage/stats', { token: person.token })).status).toBe(403)
  })
})
