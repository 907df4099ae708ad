import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { asAdmin, newAdmin } from '../../support/admin.ts'
import { type EnrolledPerson, enrol } from '../../support/second-factor.ts'
import { call, sql } from '../../support/stack.ts'

/** An administrator with an authenticator app, and a key of theirs that may manage people. */
let admin: EnrolledPerson
let key: string

beforeAll(async () => {
  admin = await enrol(await newAdmin())
  const { body } = await call<{ key: string }>('/api/api-keys', {
    token: admin.token,
    json: { scopes: ['read:users', 'write:users'] },
  })
  key = body.key
})

const row = async () =>
  sql`select username, email, email_verified_at, password_hash,
      (select confirmed_at from totp_factors where user_id = users.id) as factor
    from users where id = ${admin.id}`

interface Change {
  what: string
  method: string
  path?: string
  json?: unknown
  /** What the refusal names. */
  instead: string
}

/** Everything for which an own account wants more than a credential. */
const CHANGES: Change[] = [
  {
    what: 'a new password',
    method: 'PUT',
    json: { password: randomUUID() },
    instead: '/api/auth/change-password',
  },
  {
    what: 'a new address',
    method: 'PUT',
    json: { email: 'thief@example.com' },
    instead: '/api/auth/change-email',
  },
  { what: 'no address', method: 'PUT', json: { email: null }, instead: '/api/auth/change-email' },
  {
    what: 'a confirmed address',
    method: 'PUT',
    json: { is_verified: true },
    instead: '/api/auth/change-email',
  },
  {
    what: 'no second factor',
    method: 'POST',
    path: '/reset-mfa',
    instead: '/api/auth/mfa/disable',
  },
  { what: 'more guesses', method: 'POST', path: '/unlock', instead: '/api/auth/forgot-password' },
  { what: 'deletion', method: 'DELETE', instead: '/api/users/me' },
]

describe("an administrator's own account", () => {
  it.each(CHANGES)('takes more than a token or a key for $what', async (change) => {
    const { method, path = '', json, instead } = change
    const before = await row()
    for (const token of [admin.token, key]) {
      const answer = await call(`/api/admin/users/${admin.id}${path}`, {
        method,
        token,
        ...(json !== undefined && { json }),
      })
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'forbidden', detail: expect.stringContaining(instead) },
      })
    }
    expect(await row()).toEqual(before)
    expect((await call('/api/auth/me', { token: admin.token })).status).toBe(200)
  })

  it('is not to be changed by its name either', async () => {
    const before = await row()
    const { username } = admin
    for (const token of [admin.token, key]) {
      for (const [method, path, json] of [
        ['PUT', '/api/users/update_password', { username, new_password: randomUUID() }],
        [
          'PUT',
          '/api/users/update_password',
          { username: admin.email, new_password: randomUUID() },
        ],
        ['POST', '/api/users/delete_user', { username: username.toUpperCase() }],
      ] as const) {
        const answer = await call(path, { method, token, json })
        expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
      }
    }
    expect(await row()).toEqual(before)
  })

  it('changes otherwise as before', async () => {
    const as = asAdmin(admin)
    const username = `a${randomUUID().slice(0, 10)}`
    const changed = await as('PUT', `/api/admin/users/${admin.id}`, { username, trust_level: 2 })
    expect(changed).toMatchObject({ status: 200, body: { username, trust_level: 2 } })
    const refused = await as('PUT', `/api/admin/users/${admin.id}`, {
      trust_level: 3,
      password: randomUUID(),
    })
    expect(refused.status).toBe(403)
    const now = await as('GET', `/api/admin/users/${admin.id}`)
    expect(now.body.trust_level).toBe(2)
  })
})
