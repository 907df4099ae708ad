import { randomUUID } from 'node:crypto'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { call, newPerson, sql } from '../support/stack.ts'

const PASSWORD = 'a long enough password'
const unique = () => `p${randomUUID().slice(0, 12)}`

describe('registration', () => {
  it('takes a user name, an address, or both', async () => {
    const name = unique()
    const both = await call('/api/auth/register', {
      json: { username: name, email: `${name}@example.com`, password: PASSWORD },
    })
    expect(both).toMatchObject({
      status: 201,
      body: { username: name, role: 'user', is_verified: false },
    })
    expect(both.body).not.toHaveProperty('password_hash')

    const other = unique()
    const byAddress = await call('/api/auth/register', {
      json: { email: `${other}@example.com`, password: PASSWORD },
    })
    expect(byAddress).toMatchObject({
      status: 201,
      body: { username: other, email: `${other}@example.com` },
    })

    const third = await call('/api/auth/register', {
      json: { username: unique(), password: PASSWORD },
    })
    expect(third).toMatchObject({ status: 201, body: { email: null } })
  })

  it('derives a free name where the local part is taken', async () => {
    const name = unique()
    await call('/api/auth/register', { json: { username: name, password: PASSWORD } })
    const { status, body } = await call<{ username: string }>('/api/auth/register', {
      json: { email: `${name}@example.com`, password: PASSWORD },
    })
    expect(status).toBe(201)
    expect(body.username).toMatch(new RegExp(`^${name}-[0-9a-f]{6}$`))
  })

  it('refuses the same name in another spelling', async () => {
    const name = unique()
    await call('/api/auth/register', {
      json: { username: name, email: `${name}@example.com`, password: PASSWORD },
    })
    const upper = await call('/api/auth/register', {
      json: { username: name.toUpperCase(), password: PASSWORD },
    })
    expect(upper).toMatchObject({ status: 409, body: { code: 'username_taken' } })
  })

  it('lets exactly one of 20 parallel registrations of one name through', async () => {
    const name = unique()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        call('/api/auth/register', { json: { username: name, password: PASSWORD } }),
      ),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19)
    const rows =
      await sql`select plugin_accounts.state from users join plugin_accounts on user_id = id where username = ${name}`
    expect(rows).toHaveLength(1)
  })

  it('says which fields are wrong', async () => {
    const { status, headers, body } = await call<{ errors: { path: string }[] }>(
      '/api/auth/register',
      {
        json: { username: '@', password: 'short' },
      },
    )
    expect(status).toBe(422)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(body.errors.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['username', 'password']),
    )
    expect((await call('/api/auth/register', { json: { password: PASSWORD } })).status).toBe(422)
  })

  it.each(['{"username":', '[]', '"text"', 'null', ''])(
    'answers broken input %j with 4xx',
    async (text) => {
      const { status } = await call('/api/auth/register', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        text,
      })
      expect([400, 422]).toContain(status)
    },
  )
})

describe('login', () => {
  it('takes the name, the address, under either key, in any case', async () => {
    const person = await newPerson()
    for (const json of [
      { username: person.username },
      { username: person.email },
      { email: person.email.toUpperCase() },
      { email: person.username },
    ]) {
      const { status } = await call('/api/auth/login', {
        json: { ...json, password: person.password },
      })
      expect(status).toBe(200)
    }
  })

  it('answers with everything that its callers read', async () => {
    const person = await newPerson()
    const { body } = await call<{ access_token: string }>('/auth/login', {
      json: { username: person.username, password: person.password },
    })
    expect(body).toMatchObject({
      token_type: 'bearer',
      expires_in: 86_400,
      user: { id: person.id, username: person.username },
      role: 'user',
      username: person.username,
      user_id: person.id,
    })
    const claims = decodeJwt(body.access_token)
    expect(Object.keys(claims)).toEqual(
      expect.arrayContaining(['sub', 'sid', 'jti', 'role', 'type', 'iat', 'exp', 'iss', 'aud']),
    )
    expect(claims).toMatchObject({ sub: String(person.id), type: 'access' })
  })

  it('refuses a wrong password and an unknown name alike', async () => {
    const person = await newPerson()
    const wrong = await call('/api/auth/login', {
      json: { username: person.username, password: 'wrong password' },
    })
    const unknown = await call('/api/auth/login', {
      json: { username: unique(), password: 'wrong password' },
    })
    const { request_id: _, ...first } = wrong.body
    const { request_id: __, ...second } = unknown.body
    expect(first).toEqual(second)
    expect(wrong.status).toBe(401)
  })

  it('refuses the disabled', async () => {
    const person = await newPerson()
    await sql`update users set is_active = false where id = ${person.id}`
    const { status, body } = await call('/api/auth/login', {
      json: { username: person.username, password: person.password },
    })
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'account_disabled' })
  })
})

describe('who am I', () => {
  it('answers for a token and for an API key, and for nothing else', async () => {
    const person = await newPerson()
    const { body } = await call<{ key: string }>('/api/api-keys', { token: person.token, json: {} })
    expect((await call('/api/auth/me', { token: person.token })).body).toMatchObject({
      id: person.id,
    })
    expect((await call('/api/auth/me', { headers: { 'x-api-key': body.key } })).body).toMatchObject(
      { id: person.id },
    )
    for (const token of [undefined, 'x', 'a.b.c', `${person.token}x`, person.refreshToken]) {
      expect((await call('/api/auth/me', token ? { token } : {})).status).toBe(401)
    }
  })
})
