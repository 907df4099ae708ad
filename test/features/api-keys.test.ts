import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { call, newPerson, sql, stack } from '../support/stack.ts'

interface CreatedKey {
  id: number
  key: string
  key_preview: string
}

const models = async (key: string) => (await call('/api/auth/me', { token: key })).status

async function createKey(token: string, json: Record<string, unknown> = {}) {
  return (await call<CreatedKey>('/api/api-keys', { token, json })).body
}

describe('API keys', () => {
  it('are shown once and kept as a hash', async () => {
    const person = await newPerson()
    const created = await createKey(person.token, {
      name: 'My API Key',
      description: 'Key for testing',
    })
    expect(created.key).toMatch(/^sk-sa-[0-9A-Za-z]{55}$/)
    const listed = await call<CreatedKey[]>('/api/api-keys', { token: person.token })
    expect(listed.body).toMatchObject([
      { id: created.id, name: 'My API Key', description: 'Key for testing' },
    ])
    expect(JSON.stringify(listed.body)).not.toContain(created.key)
    expect(created.key.startsWith(created.key_preview.slice(0, -3))).toBe(true)
    const one = await call(`/api/api-keys/${created.id}`, { token: person.token })
    expect(one.body).not.toHaveProperty('key')
    const [row] = await sql`select * from api_keys where id = ${created.id}`
    expect(row?.key_hash).toBe(createHash('sha256').update(created.key).digest('hex'))
    expect(JSON.stringify(row)).not.toContain(created.key)
  })

  it('stop working at once when deleted', async () => {
    const person = await newPerson()
    const { id, key } = await createKey(person.token)
    expect(await models(key)).toBe(200)
    const gone = await call(`/api/api-keys/${id}`, { method: 'DELETE', token: person.token })
    expect(gone).toMatchObject({ status: 200, body: { success: true } })
    expect(await models(key)).toBe(401)
    expect(
      (await call(`/api/api-keys/${id}`, { method: 'DELETE', token: person.token })).status,
    ).toBe(404)
    expect((await call<CreatedKey[]>('/api/api-keys', { token: person.token })).body).toEqual([])
  })

  it('expire', async () => {
    const person = await newPerson()
    const past = await call('/api/api-keys', {
      token: person.token,
      json: { expires_at: '2020-01-01T00:00:00Z' },
    })
    expect(past).toMatchObject({ status: 422, body: { errors: [{ path: 'expires_at' }] } })
    const soon = new Date(Date.now() + 1_500).toISOString()
    const { key } = await createKey(person.token, { expires_at: soon })
    expect(await models(key)).toBe(200)
    await expect.poll(() => models(key), { timeout: 5_000 }).toBe(401)
  })

  it('are refused for a typo without asking a store', async () => {
    const person = await newPerson()
    const { key } = await createKey(person.token)
    const typo = `${key.slice(0, 20)}${key[20] === 'a' ? 'b' : 'a'}${key.slice(21)}`
    const asked: number[] = []
    for (let time = 0; time < 5; time++) {
      const before = await storeRequests()
      expect(await models(typo)).toBe(401)
      asked.push((await storeRequests()) - before)
    }
    // What was under way may arrive meanwhile; a look-up would come with each of them.
    expect(Math.min(...asked)).toBe(0)
    expect(await models(`sk-${'x'.repeat(48)}`)).toBe(401)
  })

  it('belong to one person', async () => {
    const [owner, other] = [await newPerson(), await newPerson()]
    const { id } = await createKey(owner.token)
    expect((await call(`/api/api-keys/${id}`, { token: other.token })).status).toBe(404)
    expect(
      (await call(`/api/api-keys/${id}`, { method: 'DELETE', token: other.token })).status,
    ).toBe(404)
  })

  it('cannot make or delete keys themselves', async () => {
    const person = await newPerson()
    const { id, key } = await createKey(person.token)
    expect((await call('/api/api-keys', { token: key, json: {} })).status).toBe(403)
    expect((await call(`/api/api-keys/${id}`, { method: 'DELETE', token: key })).status).toBe(403)
  })
})

async function storeRequests(): Promise<number> {
  const logs = await Promise.all(
    [stack.databaseUrl, stack.redisUrl].map(async (url) => {
      const response = await fetch(`${url}/__requests?after=0`)
      return ((await response.json()) as { seq: number }).seq
    }),
  )
  return logs.reduce((sum, seq) => sum + seq, 0)
}
