import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asAdmin, newAdmin } from '../../support/admin.ts'
import { type BehindChaos, workerBehindChaos } from '../../support/behind-chaos.ts'
import { call, newPerson, sql, type TestPerson } from '../../support/stack.ts'

let admin: TestPerson
let as: ReturnType<typeof asAdmin>
let behind: BehindChaos

beforeAll(async () => {
  admin = await newAdmin()
  as = asAdmin(admin)
  behind = await workerBehindChaos()
})

afterAll(() => behind?.[Symbol.asyncDispose]())

const me = (token: string) => call('/api/auth/me', { token })

/** The calls that take somebody's access away without a new password. */
const WAYS: [name: string, method: string, suffix: string, json?: unknown][] = [
  ['a ban', 'POST', '/ban', {}],
  ['deactivation', 'PUT', '', { is_active: false }],
  ['deletion', 'DELETE', ''],
]

describe('a change that is refused signs nobody out', () => {
  it('for a name or an address that is taken', async () => {
    const person = await newPerson()
    const other = await newPerson()
    const path = `/api/admin/users/${person.id}`
    const password = randomUUID()
    const refused = await as('PUT', path, { password, username: other.username.toUpperCase() })
    expect(refused).toMatchObject({ status: 409, body: { code: 'username_taken' } })
    expect((await me(person.token)).status).toBe(200)

    // Both claim it, and the other one has confirmed it since.
    await sql`update users set email = ${other.email}, email_key = ${other.email}
      where id = ${person.id}`
    await sql`update users set email_verified_at = now() where id = ${other.id}`
    const confirmed = await as('PUT', path, { password, is_verified: true })
    expect(confirmed).toMatchObject({ status: 409, body: { code: 'email_taken' } })
    expect((await me(person.token)).status).toBe(200)

    const own = await as('PUT', path, { password, username: person.username.toUpperCase() })
    expect(own.status).toBe(200)
    expect((await me(person.token)).status).toBe(401)
  })

  it('for nobody', async () => {
    const path = '/api/admin/users/2147483646'
    expect((await as('POST', `${path}/ban`)).status).toBe(404)
    expect((await as('PUT', path, { is_active: false })).status).toBe(404)
  })
})

describe.each(WAYS)('%s', (name, method, suffix, json) => {
  const ask = (person: TestPerson) =>
    call(`/api/admin/users/${person.id}${suffix}`, {
      method,
      token: admin.token,
      baseUrl: behind.worker.url,
      ...(json !== undefined && { json }),
    })

  it('that PostgreSQL does not take signs nobody out', async () => {
    const person = await newPerson()
    behind.database.match = (body) => /(update|delete from) \\"users\\"/.test(body)
    behind.database.fault = 'refused'
    const answer = await ask(person)
    behind.database.fault = 'none'
    expect(answer.status).toBe(503)
    expect((await me(person.token)).status).toBe(200)
    expect((await ask(person)).status).toBe(200)
    expect((await me(person.token)).status).toBe(401)
  })

  it('lets nobody in, even if Redis dies before the sessions have ended', async () => {
    const person = await newPerson()
    behind.redis.match = (body) => body.includes(`user-sessions:${person.id}`)
    behind.redis.fault = 'refused'
    const answer = await ask(person)
    behind.redis.fault = 'none'
    // A session of nobody need not be ended.
    expect(answer.status).toBe(name === 'deletion' ? 200 : 503)
    expect([401, 403]).toContain((await me(person.token)).status)
    const refreshed = await call('/api/auth/refresh', {
      json: { refresh_token: person.refreshToken },
    })
    expect([401, 403]).toContain(refreshed.status)
    if (name === 'deletion') return
    // What was not acknowledged can be repeated; then nothing of before comes back.
    expect((await ask(person)).status).toBe(200)
    expect((await as('POST', `/api/admin/users/${person.id}/unban`)).status).toBe(200)
    expect((await me(person.token)).status).toBe(401)
    const revived = await call('/api/auth/refresh', {
      json: { refresh_token: person.refreshToken },
    })
    expect(revived.status).toBe(401)
  })
})
