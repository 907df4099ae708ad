import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { changePerson, newAdmin, newPersonOf } from '../../support/admin.ts'
import { call, newPerson, sql, type TestPerson } from '../../support/stack.ts'

/** What an API key may never do, whoever made it. */

const makeKey = (token: string, scopes?: string[]) =>
  call<{ key: string; code?: string }>('/api/api-keys', {
    token,
    json: { ...(scopes && { scopes }) },
  })
const setRole = (person: TestPerson, role: string) =>
  changePerson(person.id, () => sql`update users set role = ${role} where id = ${person.id}`)

describe('a scope above the role', () => {
  it.each([
    ['read:audit', 'user'],
    ['write:models', 'user'],
    ['read:audit', 'model_manager'],
  ] as const)('%s is not given to a key of a %s', async (scope, role) => {
    const { token } = await newPersonOf(role)
    expect((await makeKey(token, ['chat', scope])).body).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
  })

  it('is of no use to a key that was made before the role', async () => {
    const person = await newPerson()
    const { body } = await makeKey(person.token, ['read:users', 'write:users'])
    await setRole(person, 'admin')
    const list = (token: string) => call('/api/admin/users', { token })
    expect((await list(body.key)).status).toBe(403)
    expect((await list(person.token)).status).toBe(200)
    expect((await list((await makeKey(person.token, ['read:users'])).body.key)).status).toBe(200)
  })

  it('ends with the role', async () => {
    const person = await newAdmin()
    const { body } = await makeKey(person.token, ['read:users'])
    await setRole(person, 'user')
    expect((await call('/api/admin/users', { token: body.key })).status).toBe(403)
  })
})

describe("an administrator's key", () => {
  let admin: TestPerson
  let other: TestPerson
  let key: string
  beforeAll(async () => {
    ;[admin, other] = await Promise.all([newAdmin(), newAdmin()])
    key = (await makeKey(admin.token, ['read:users', 'write:users'])).body.key
  })
  const make = (role: string, token = key) =>
    call<{ id: number; code?: string }>('/api/admin/users', {
      token,
      json: { username: `p${randomUUID().slice(0, 12)}`, password: `pw-${randomUUID()}`, role },
    })

  it('makes and promotes nobody to what it is not', async () => {
    expect((await make('admin')).body.code).toBe('forbidden')
    expect((await make('model_manager')).body.code).toBe('forbidden')
    expect((await make('admin', admin.token)).status).toBe(201)
    const { body } = await make('user')
    const promote = (role: string) =>
      call(`/api/admin/users/${body.id}`, { method: 'PUT', token: key, json: { role } })
    expect((await promote('admin')).status).toBe(403)
    expect((await promote('model_manager')).status).toBe(403)
    expect((await promote('guest')).status).toBe(200)
    const both = await makeKey(admin.token, ['write:users', 'write:models'])
    expect((await make('model_manager', both.body.key)).status).toBe(201)
    const byName = await call('/api/users/add_user', {
      token: key,
      json: {
        username: `p${randomUUID().slice(0, 9)}`,
        password: `pw-${randomUUID()}`,
        role: 'admin',
      },
    })
    expect(byName.status).toBe(403)
  })

  it('gets hold of no other administrator', async () => {
    const at = `/api/admin/users/${other.id}`
    const calls: [string, string, object?][] = [
      ['PUT', at, { password: `pw-${randomUUID()}` }],
      ['PUT', at, { email: `${randomUUID()}@example.com`, is_verified: true }],
      ['PUT', at, { role: 'user' }],
      ['POST', `${at}/ban`, {}],
      ['POST', `${at}/reset-mfa`],
      ['POST', `${at}/unlock`],
      ['POST', `${at}/logout`],
      ['DELETE', at],
    ]
    for (const [method, path, json] of calls) {
      const { status, body } = await call(path, { method, token: key, ...(json && { json }) })
      expect([method, path, status, body.code]).toEqual([method, path, 403, 'forbidden'])
    }
    const login = { username: other.username, password: other.password }
    expect((await call('/api/auth/login', { json: login })).status).toBe(200)
  })

  it('still manages people', async () => {
    const { id } = await newPerson()
    const { status } = await call(`/api/admin/users/${id}`, {
      method: 'PUT',
      token: key,
      json: { trust_level: 2 },
    })
    expect(status).toBe(200)
  })
})
