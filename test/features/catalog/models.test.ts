import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { newAdmin, newPersonOf } from '../../support/admin.ts'
import { redis } from '../../support/redis.ts'
import { call, newChatter, sql, type TestPerson, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

interface Model {
  id: string
  group: string
  weight: number
  is_enabled: boolean
  request_estimate: number | null
  is_default: boolean
}

const PATH = '/api/admin/models'
const at = (id: string) => `${PATH}/${encodeURIComponent(id)}`

let manager: TestPerson
beforeAll(async () => {
  manager = await newPersonOf('model_manager')
})

const put = (id: string, json: unknown, token = manager.token) =>
  call<Model & { code: string }>(at(id), { method: 'PUT', token, json })
const remove = (id: string) => call(at(id), { method: 'DELETE', token: manager.token })
const list = async () => (await call<Model[]>(PATH, { token: manager.token })).body

describe('the catalogue', () => {
  it('is kept by a manager of models and by an administrator', async () => {
    const id = `m-${randomUUID()}`
    const created = await put(id, { weight: 1.5 })
    expect(created).toMatchObject({
      status: 200,
      body: { id, group: id, weight: 1.5, is_enabled: true, request_estimate: null },
    })
    const { token } = await newAdmin()
    const changed = await put(
      id,
      { group: 'g', request_estimate: 0.0123, is_enabled: false },
      token,
    )
    const expected = {
      id,
      group: 'g',
      weight: 1.5,
      is_enabled: false,
      request_estimate: 0.0123,
      stands_for: null,
      is_default: false,
    }
    expect(changed.body).toEqual(expected)
    expect((await list()).find((model) => model.id === id)).toEqual(expected)
    expect((await put(id, { request_estimate: null })).body.request_estimate).toBeNull()
    expect((await remove(id)).status).toBe(200)
    expect((await list()).some((model) => model.id === id)).toBe(false)
    expect((await remove(id)).status).toBe(404)
  })

  it('starts from the group that a model has of its own accord', async () => {
    const models = await list()
    expect(models.find(({ id }) => id === 'claude-opus-4-6-thinking')).toMatchObject({
      group: 'claude',
      weight: 1,
      is_default: true,
    })
    expect(models.map(({ id }) => id)).toEqual([...models.map(({ id }) => id)].sort())
  })

  it.each(['models/x y', '100%', 'a%2Fb', '模型', '__proto__', "x'; drop table users --"])(
    'takes a name such as %j',
    async (name) => {
      const id = `${name}-${randomUUID()}`
      expect((await put(id, {})).body).toMatchObject({ id, weight: 1, is_default: false })
      expect((await list()).filter((model) => model.id === id)).toHaveLength(1)
      expect((await remove(id)).status).toBe(200)
    },
  )

  it('takes a slash as it is', async () => {
    const id = `vendor/${randomUUID()}`
    const { token } = manager
    const { body } = await call<Model>(`${PATH}/${id}`, { method: 'PUT', token, json: {} })
    expect(body.id).toBe(id)
    await remove(id)
  })

  it.each([
    ['m', { weight: 0 }],
    ['m', { weight: -1 }],
    ['m', { weight: '1' }],
    ['m', { weight: 1e12 }],
    ['m', { weight: null }],
    ['m', { group: '' }],
    ['m', { group: 'a\0' }],
    ['m', { group: '\ud800' }],
    ['m', { is_enabled: 'false' }],
    ['m', { request_estimate: 0 }],
    ['x'.repeat(201), {}],
    ['a\0b', {}],
    ['m', []],
  ])('refuses %j with %j', async (id, json) => {
    expect((await put(id, json)).status).toBe(422)
  })

  it('leaves a trace of every change', async () => {
    const id = `m-${randomUUID()}`
    await put(id, { is_enabled: false, weight: 2 })
    await remove(id)
    const rows = await sql`select event, actor_user_id, details from audit_events
      where details->>'model' = ${id} order by id`
    expect(rows).toMatchObject([
      {
        event: 'model.updated',
        actor_user_id: manager.id,
        details: { fields: 'is_enabled, weight', is_enabled: false },
      },
      { event: 'model.deleted', actor_user_id: manager.id },
    ])
  })

  it('keeps every change of several at once', async () => {
    const id = `m-${randomUUID()}`
    await Promise.all([
      put(id, { group: 'g' }),
      put(id, { weight: 3 }),
      put(id, { is_enabled: false }),
      put(id, { request_estimate: 1 }),
    ])
    expect((await list()).find((model) => model.id === id)).toMatchObject({
      group: 'g',
      weight: 3,
      is_enabled: false,
      request_estimate: 1,
    })
    await remove(id)
  })
})

describe('a disabled model', () => {
  const MODEL = 'gemini-2.5-flash'

  it('is hidden here at once, and from a Worker that starts anew', async () => {
    const { token } = await newChatter()
    const listed = async (baseUrl?: string) => {
      const { body } = await call<{ data: { id: string }[] }>('/v1/models', {
        token,
        ...(baseUrl && { baseUrl }),
      })
      return body.data.map(({ id }) => id)
    }
    expect(await listed()).toContain(MODEL)
    await put(MODEL, { is_enabled: false })
    try {
      expect(await listed()).not.toContain(MODEL)
      expect(await call(`/v1/models/${MODEL}`, { token })).toMatchObject({
        status: 404,
        body: { error: { code: 'model_not_found' } },
      })
      // First PostgreSQL knows it; then, when the change has settled, Redis does.
      await redis('DEL', 'catalog:models')
      for (const source of ['postgres', 'redis']) {
        await using fresh = await workerWith({})
        expect(await listed(fresh.url), source).not.toContain(MODEL)
        await waitFor(async () => (await redis('EXISTS', 'catalog:models')) === 1)
      }
    } finally {
      await remove(MODEL)
    }
    expect(await listed()).toContain(MODEL)
  })
})

it('a key that was narrowed to some models lists no others', async () => {
  const { token } = await newChatter()
  const json = { models: ['gemini-3-pro-high', 'not-served'] }
  const { body } = await call<{ key: string }>('/api/api-keys', { token, json })
  const listed = await call<{ data: { id: string }[] }>('/v1/models', { token: body.key })
  expect(listed.body.data.map(({ id }) => id)).toEqual(['gemini-3-pro-high'])
})
