import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { asAdmin, newAdmin, newPersonOf } from '../../support/admin.ts'
import { mailTo } from '../../support/mail.ts'
import { codeOf, enrol } from '../../support/second-factor.ts'
import {
  call,
  fireCron,
  newKey,
  newPerson,
  sql,
  stack,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'

let admin: TestPerson
let as: ReturnType<typeof asAdmin>

beforeAll(async () => {
  admin = await newAdmin()
  as = asAdmin(admin)
})

const statusWith = async (token: string, path = '/api/auth/me') =>
  (await call(path, { token })).status

describe('finding people', () => {
  it('searches in names and addresses, and reads on by cursor', async () => {
    const tag = randomUUID().slice(0, 8)
    for (const name of ['a', 'b', 'c'])
      await as('POST', '/api/admin/users', {
        username: `${name}-${tag}`,
        password: `pw-${randomUUID()}`,
      })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: { body: { items: { username: string }[]; next_cursor: string | null } } =
        await as(
          'GET',
          `/api/admin/users?search=${tag}&limit=2${cursor ? `&cursor=${cursor}` : ''}`,
        )
      seen.push(...page.body.items.map((item) => item.username))
      cursor = page.body.next_cursor
    } while (cursor)
    expect(seen).toEqual([`c-${tag}`, `b-${tag}`, `a-${tag}`])
  })

  it('takes wildcards by the letter', async () => {
    const { body } = await as<{ items: unknown[] }>('GET', '/api/admin/users?search=%25%25%25')
    expect(body.items).toEqual([])
  })

  it('filters by role and status', async () => {
    const guest = await newPersonOf('guest')
    const { body } = await as<{ items: { id: number; role: string }[] }>(
      'GET',
      '/api/admin/users?role=guest&is_active=true',
    )
    expect(body.items.map((item) => item.id)).toContain(guest.id)
    expect(new Set(body.items.map((item) => item.role))).toEqual(new Set(['guest']))
  })

  it('is for administrators only', async () => {
    const manager = await newPersonOf('model_manager')
    const person = await newPerson()
    for (const { token } of [manager, person])
      expect(await statusWith(token, '/api/admin/users')).toBe(403)
    expect((await call('/api/admin/users')).status).toBe(401)
    expect((await as('GET', '/api/admin/users/2147483647')).status).toBe(404)
  })
})

describe('what one person has', () => {
  it('is shown as they see it themselves, and nothing of anybody else', async () => {
    const person = await newPerson()
    const made = await call<{ key: string }>('/api/api-keys', {
      token: person.token,
      json: { name: 'Terminal' },
    })
    const shown = async (what: string, id = person.id) =>
      (await as<unknown>('GET', `/api/admin/users/${id}/${what}`)).body
    const theirs = async (path: string) => (await call(path, { token: person.token })).body
    // Which session is one's own is another's business.
    const sessions = (await theirs('/api/auth/sessions')) as unknown as object[]
    expect(await shown('sessions')).toEqual(sessions.map((one) => ({ ...one, current: false })))
    const keys = await shown('api-keys')
    expect(keys).toEqual(await theirs('/api/api-keys'))
    expect(keys).toMatchObject([{ name: 'Terminal', user_id: person.id }])
    expect(JSON.stringify(keys)).not.toContain(made.body.key)
    expect(await shown('quotas')).toEqual(await theirs('/api/quotas'))
    expect(await shown('ledger')).toEqual(await theirs('/api/quotas/ledger'))
    expect(await shown('api-keys', admin.id)).toEqual([])
  })
})

describe('changing people', () => {
  it('makes one of any role, who can sign in', async () => {
    const password = `pw-${randomUUID()}`
    const username = `m${randomUUID().slice(0, 10)}`
    const { status, body } = await as('POST', '/api/admin/users', {
      username,
      email: `${username}@example.com`,
      password,
      role: 'model_manager',
      trust_level: 2,
      is_verified: true,
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({ role: 'model_manager', trust_level: 2, is_verified: true })
    const login = await call('/api/auth/login', { json: { username, password } })
    expect(login.body).toMatchObject({ role: 'model_manager' })
    const again = await as('POST', '/api/admin/users', { username, password })
    expect(again).toMatchObject({ status: 409, body: { code: 'username_taken' } })
  })

  it('demotes tokens that are out already', async () => {
    const other = await newAdmin()
    expect(await statusWith(other.token, '/api/admin/users')).toBe(200)
    const { body } = await as('PUT', `/api/admin/users/${other.id}`, { role: 'user' })
    expect(body.role).toBe('user')
    expect(await statusWith(other.token, '/api/admin/users')).toBe(403)
    expect(await statusWith(other.token)).toBe(200)
  })

  it('silences: may look, may not chat', async () => {
    const person = await newPerson()
    const key = await newKey(person)
    await as('PUT', `/api/admin/users/${person.id}`, { is_silenced: true, trust_level: 3 })
    expect((await call('/api/auth/me', { token: person.token })).body).toMatchObject({
      is_silenced: true,
      trust_level: 3,
    })
    const chat = await call('/v1/chat/completions', {
      token: key,
      json: { model: 'gemini-3-pro-high', messages: [{ role: 'user', content: 'hi' }] },
    })
    expect(chat.status).toBe(403)
  })

  it('deactivates: nothing works any more, keys included', async () => {
    const person = await newPerson()
    const key = await newKey(person)
    expect(await statusWith(key, '/api/users/me')).toBe(200)
    await as('PUT', `/api/admin/users/${person.id}`, { is_active: false })
    expect(await statusWith(person.token)).toBe(401)
    expect(await statusWith(key, '/api/users/me')).toBe(403)
    const login = await call('/api/auth/login', { json: person })
    expect(login).toMatchObject({ status: 403, body: { code: 'account_disabled' } })
  })

  it('gives a new password, which ends all sessions', async () => {
    const person = await newPerson()
    const password = `pw-${randomUUID()}`
    expect((await as('PUT', `/api/admin/users/${person.id}`, { password: 'short' })).status).toBe(
      422,
    )
    expect((await as('PUT', `/api/admin/users/${person.id}`, { password })).status).toBe(200)
    expect(await statusWith(person.token)).toBe(401)
    const login = await call('/api/auth/login', { json: { username: person.username, password } })
    expect(login.status).toBe(200)
  })

  it('signs out everywhere, and takes a lost second factor away', async () => {
    const person = await enrol(await newPerson())
    const logout = await as('POST', `/api/admin/users/${person.id}/logout`)
    expect(logout.body).toMatchObject({ ended: 1 })
    expect(await statusWith(person.token)).toBe(401)
    expect((await as('GET', `/api/admin/users/${person.id}`)).body.has_second_factor).toBe(true)
    expect((await as('POST', `/api/admin/users/${person.id}/reset-mfa`)).status).toBe(200)
    expect((await as('POST', `/api/admin/users/${person.id}/reset-mfa`)).status).toBe(404)
    const login = await call('/api/auth/login', {
      json: { username: person.username, password: person.password },
    })
    expect(login.body.access_token).toBeDefined()
    expect(codeOf(person.secret)).toMatch(/^\d{6}$/)
  })
})

describe('unlocking', () => {
  it('lets somebody sign in again, and is written down', async () => {
    const person = await newPerson()
    const login = (password: string) =>
      call('/api/auth/login', { json: { username: person.username, password } })
    for (let attempt = 0; attempt < 5; attempt++) await login('wrong')
    expect((await login(person.password)).status).toBe(429)
    expect((await as('POST', `/api/admin/users/${person.id}/unlock`)).status).toBe(200)
    expect((await login(person.password)).status).toBe(200)
    const { body } = await as<{ items: Record<string, unknown>[] }>(
      'GET',
      `/api/admin/audit?user_id=${person.id}&event=user.unlocked`,
    )
    expect(body.items).toMatchObject([
      { event: 'user.unlocked', outcome: 'success', actor_user_id: admin.id },
    ])
  })
})

describe('banning', () => {
  it('has a reason and an end, and acts at once', async () => {
    const person = await newPerson()
    const key = await newKey(person)
    await statusWith(key, '/api/users/me')
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const { body } = await as('POST', `/api/admin/users/${person.id}/ban`, {
      reason: 'Sold the key',
      until,
    })
    expect(body).toMatchObject({
      is_active: false,
      ban_reason: 'Sold the key',
      banned_until: until,
    })
    expect(await statusWith(person.token)).toBe(401)
    expect(await statusWith(key, '/api/users/me')).toBe(403)
    const lifted = await as('POST', `/api/admin/users/${person.id}/unban`)
    expect(lifted.body).toMatchObject({ is_active: true, ban_reason: null, banned_at: null })
    expect((await call('/api/auth/login', { json: person })).status).toBe(200)
  })

  it('ends at its moment for every credential, and is written down later', async () => {
    const person = await newPerson()
    const key = await newKey(person)
    await statusWith(key, '/api/users/me')
    const until = Date.now() + 2_500
    await as('POST', `/api/admin/users/${person.id}/ban`, { until: new Date(until).toISOString() })
    expect(await statusWith(key, '/api/users/me')).toBe(403)
    const early = await call('/api/auth/login', { json: person })
    expect(early).toMatchObject({ status: 403, body: { code: 'account_disabled' } })
    await waitFor(async () => (await call('/api/auth/login', { json: person })).status === 200)
    expect(Date.now()).toBeGreaterThanOrEqual(until)
    const login = await call('/api/auth/login', { json: person })
    expect(login.body.user).toMatchObject({ is_active: true })
    await waitFor(async () => (await statusWith(key, '/api/users/me')) === 200)
    await fireCron('*/5 * * * *')
    await waitFor(async () => {
      const [row] = await sql`select is_active, banned_at from users where id = ${person.id}`
      return row?.is_active === true && row.banned_at === null
    })
  })

  it('takes no end in the past', async () => {
    const person = await newPerson()
    const { status } = await as('POST', `/api/admin/users/${person.id}/ban`, {
      until: '2020-01-01T00:00:00Z',
    })
    expect(status).toBe(422)
  })
})

describe('deleting', () => {
  it('takes the person, their keys and their plug-in user away, and leaves usage without them', async () => {
    const person = await newPerson()
    const key = await newKey(person)
    const pluginUsers = async () => {
      const response = await fetch(`${stack.pluginUrl}/api/users`, {
        headers: { authorization: `Bearer ${stack.pluginAdminKey}` },
      })
      const { data } = (await response.json()) as { data: { user_id: string }[] }
      return data.map((user) => user.user_id)
    }
    let pluginUserId = ''
    await waitFor(async () => {
      const [row] =
        await sql`select plugin_user_id from plugin_accounts where user_id = ${person.id}`
      pluginUserId = String(row?.plugin_user_id ?? '')
      return pluginUserId !== ''
    })
    expect(await pluginUsers()).toContain(pluginUserId)
    const usageId = randomUUID()
    await sql`insert into usage_logs (id, request_id, user_id, endpoint, stream, status, duration_ms, created_at)
      values (${usageId}, 'test', ${person.id}, 'chat', false, 200, 1, now())`

    expect((await as('DELETE', `/api/admin/users/${person.id}`)).status).toBe(200)
    expect(await statusWith(person.token)).toBe(401)
    expect(await statusWith(key, '/v1/models')).toBe(401)
    expect(await sql`select user_id from usage_logs where id = ${usageId}`).toEqual([
      { user_id: null },
    ])
    await waitFor(async () => !(await pluginUsers()).includes(pluginUserId))
    await waitFor(
      async () =>
        (await sql`select 1 from plugin_deletions where plugin_user_id = ${pluginUserId}`)
          .length === 0,
    )
    expect(await mailTo(person.email, /account was deleted/)).toBeDefined()
    expect((await as('DELETE', `/api/admin/users/${person.id}`)).status).toBe(404)
  })
})
