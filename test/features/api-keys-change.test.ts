import { describe, expect, it } from 'vitest'
import { chat } from '../support/chat.ts'
import { grant, newLender } from '../support/quota.ts'
import { call, newPerson, sql } from '../support/stack.ts'
import { workerWith } from '../support/worker-with.ts'

interface Key {
  id: number
  key: string
  is_active: boolean
}

const create = async (token: string, json: Record<string, unknown> = {}) =>
  (await call<Key>('/api/api-keys', { token, json })).body

const patch = (token: string, id: number, json: unknown, more = '') =>
  call(`/api/api-keys/${id}${more}`, { method: 'PATCH', token, json })

const works = async (key: string, baseUrl?: string) =>
  (await call('/api/auth/me', { token: key, ...(baseUrl && { baseUrl }) })).status

describe('changing a key', () => {
  it('changes what is given and leaves the rest, and null takes a limit away', async () => {
    const { token, id: userId } = await newPerson()
    const { id } = await create(token, { name: 'Mine', models: ['a'], quota_per_day: 2 })
    const changes = {
      description: 'for the bot',
      requests_per_minute: 5,
      quota_per_month: 1.5,
      expires_at: '2099-01-01T00:00:00.000Z',
    }
    expect(await patch(token, id, changes)).toMatchObject({
      status: 200,
      body: { ...changes, id, name: 'Mine', models: ['a'], quota_per_day: 2 },
    })
    const cleared = {
      name: null,
      description: null,
      models: null,
      requests_per_minute: null,
      quota_per_day: null,
      quota_per_month: null,
      expires_at: null,
    }
    expect((await patch(token, id, cleared)).body).toMatchObject(cleared)
    expect((await call(`/api/api-keys/${id}`, { token })).body).toMatchObject(cleared)
    const events = await sql`
      select event, details from audit_events
      where user_id = ${userId} and event like 'api_key.%' order by id`
    expect(events).toMatchObject([
      { event: 'api_key.created' },
      {
        event: 'api_key.updated',
        details: { id, fields: 'description, expires_at, quota_per_month, requests_per_minute' },
      },
      { event: 'api_key.updated', details: { id } },
    ])
  })

  it('acts at once on the next call', async () => {
    const person = await newLender()
    await grant(person, 1)
    const { token } = person
    const { id, key } = await create(token)
    expect((await chat({ key })).status).toBe(200)
    await patch(token, id, { models: ['gemini-2.5-flash'] })
    expect((await chat({ key })).status).toBe(404)
    await patch(token, id, { models: null, quota_per_day: 0.0001 })
    expect(await chat({ key })).toMatchObject({
      status: 429,
      error: { type: 'insufficient_quota' },
    })
    await patch(token, id, { quota_per_day: null })
    expect((await chat({ key })).status).toBe(200)
    await patch(token, id, { requests_per_minute: 1 })
    const answers = [await chat({ key }), await chat({ key }), await chat({ key })]
    expect(answers.some(({ error }) => error?.code === 'rate_limited')).toBe(true)
  })

  it('acts in other isolates when what they remember has run out', async () => {
    await using other = await workerWith({ PRINCIPAL_CACHE_SECONDS: '1' })
    const { token } = await newPerson()
    const { id, key } = await create(token)
    expect(await works(key, other.url)).toBe(200)
    await patch(token, id, { is_active: false }, '/status')
    await expect.poll(() => works(key, other.url), { timeout: 5_000 }).toBe(401)
  })

  it('is for its owner, and for keys that are there', async () => {
    const [owner, other] = [await newPerson(), await newPerson()]
    const { id } = await create(owner.token, { name: 'Mine' })
    const status = { is_active: false }
    expect((await patch(other.token, id, { name: 'Yours' })).status).toBe(404)
    expect((await patch(other.token, id, status, '/status')).status).toBe(404)
    expect((await call(`/api/api-keys/${id}`, { token: owner.token })).body).toMatchObject({
      name: 'Mine',
      is_active: true,
    })
    await call(`/api/api-keys/${id}`, { method: 'DELETE', token: owner.token })
    expect((await patch(owner.token, id, { name: 'Gone' })).status).toBe(404)
    expect((await patch(owner.token, id, status, '/status')).status).toBe(404)
  })

  it('refuses what is no key', async () => {
    const { token } = await newPerson()
    const { id } = await create(token)
    const wrong = [
      {},
      { models: [] },
      { requests_per_minute: 0 },
      { quota_per_day: -1 },
      { expires_at: '2020-01-01T00:00:00Z' },
      { expires_at: 'soon' },
      { name: 'x'.repeat(101) },
    ]
    for (const json of wrong)
      expect((await patch(token, id, json)).status, JSON.stringify(json)).toBe(422)
    expect((await patch(token, id, {}, '/status')).status).toBe(422)
  })
})

describe('switching a key off', () => {
  it('refuses it until it is switched on again', async () => {
    const { token } = await newPerson()
    const { id, key } = await create(token, { name: 'Mine' })
    expect(await works(key)).toBe(200)
    const off = await patch(token, id, { is_active: false }, '/status')
    expect(off).toMatchObject({ status: 200, body: { id, name: 'Mine', is_active: false } })
    expect(off.body).not.toHaveProperty('key')
    expect(await works(key)).toBe(401)
    const listed = await call<Key[]>('/api/api-keys', { token })
    expect(listed.body).toMatchObject([{ id, is_active: false }])
    await patch(token, id, { is_active: true }, '/status')
    expect(await works(key)).toBe(200)
  })
})
