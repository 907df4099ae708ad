import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { asAdmin, newAdmin } from '../../support/admin.ts'
import { codeOf, enrol } from '../../support/second-factor.ts'
import { bringAccount, call, newKey, newPerson, sql, waitFor } from '../../support/stack.ts'

const put = (token: string, json: unknown) => call('/api/users/me', { method: 'PUT', token, json })

describe('my account', () => {
  it('can be read with token and key, and changed with a token', async () => {
    const person = await newPerson()
    const key = await newKey(person)
    expect((await call('/users/me', { headers: { 'x-api-key': key } })).body.id).toBe(person.id)
    const username = `r${randomUUID().slice(0, 10)}`
    const changed = await put(person.token, {
      username,
      avatar_url: 'https://example.com/me.png',
    })
    expect(changed.body).toMatchObject({ username, avatar_url: 'https://example.com/me.png' })
    expect((await call('/api/users/me', { token: person.token })).body.username).toBe(username)
    expect((await put(key, { username })).status).toBe(403)
  })

  it('is changed by a key with write:users, with the address that it has', async () => {
    const person = await newPerson()
    const { body } = await call<{ key: string }>('/api/api-keys', {
      token: person.token,
      json: { scopes: ['read:users', 'write:users'] },
    })
    const profile = (await call('/users/me', { token: body.key })).body
    const username = `r${randomUUID().slice(0, 10)}`
    const { email } = profile
    expect(await put(body.key, { username, email })).toMatchObject({
      status: 200,
      body: { username },
    })
    expect((await put(body.key, { email: String(email).toUpperCase() })).status).toBe(200)
    expect((await put(body.key, { email: null })).status).toBe(422)
    expect((await put(body.key, { email: 'x@example.com' })).status).toBe(422)
    expect((await call('/users/me', { token: body.key })).body).toMatchObject({ email, username })
    // It changes its owner, and nobody else.
    const other = await newPerson()
    const foreign = await call(`/api/admin/users/${other.id}`, {
      method: 'PUT',
      token: body.key,
      json: { username: `${username}x` },
    })
    expect(foreign.status).toBe(403)
  })

  it('takes no taken name, no unsafe picture, and no address without confirmation', async () => {
    const [person, other] = [await newPerson(), await newPerson()]
    expect((await put(person.token, { username: other.username.toUpperCase() })).status).toBe(409)
    expect((await put(person.token, { avatar_url: 'javascript:alert(1)' })).status).toBe(422)
    const { status, body } = await put(person.token, { email: 'x@example.com' })
    expect(status).toBe(422)
    expect(JSON.stringify(body.errors)).toContain('change-email')
  })
})

describe('deleting my account', () => {
  const del = (token: string, json: unknown) =>
    call('/api/users/me', { method: 'DELETE', token, json })

  it('takes the second factor where there is one', async () => {
    const person = await enrol(await newPerson())
    expect((await del(person.token, { password: person.password })).status).toBe(403)
    expect(
      (await del(person.token, { password: 'a guess', code: codeOf(person.secret) })).status,
    ).toBe(403)
    const { status } = await del(person.token, {
      password: person.password,
      code: codeOf(person.secret),
    })
    expect(status).toBe(200)
    expect((await call('/api/auth/login', { json: person })).status).toBe(401)
    expect(await sql`select 1 from users where id = ${person.id}`).toEqual([])
  })

  it('leaves no trace of where the person was', async () => {
    const person = await newPerson()
    await waitFor(
      async () => (await sql`select 1 from audit_events where user_id = ${person.id}`).length > 0,
    )
    const ids = (await sql`select id from audit_events where user_id = ${person.id}`).map(
      (row) => row.id,
    )
    expect((await del(person.token, { password: person.password })).status).toBe(200)
    const rows =
      await sql`select user_id, ip, user_agent from audit_events where id = any(${ids}::bigint[])`
    expect(rows.length).toBe(ids.length)
    for (const row of rows) expect(row).toEqual({ user_id: null, ip: null, user_agent: null })
  })
})

describe('my data', () => {
  it('comes as one document, without secrets', async () => {
    const person = await newPerson()
    const key = await newKey(person)
    for (let index = 0; index < 3; index++)
      await sql`insert into usage_logs (id, request_id, user_id, endpoint, stream, status, duration_ms, created_at)
        values (${randomUUID()}, 'test', ${person.id}, 'chat', false, 200, 1, now())`
    const { status, body, headers } = await call<{
      user: { id: number }
      api_keys: unknown[]
      events: { event: string }[]
      usage: unknown[]
    }>('/api/users/me/export', { token: person.token })
    expect(status).toBe(200)
    expect(headers.get('content-disposition')).toContain('attachment')
    expect(body.user.id).toBe(person.id)
    expect(body.api_keys).toHaveLength(1)
    expect(body.usage).toHaveLength(3)
    expect(body.events.map((event) => event.event)).toContain('account.registered')
    const text = JSON.stringify(body)
    for (const secret of [key, person.password, '$argon2id']) expect(text).not.toContain(secret)
  })
})

describe('my data, of somebody who has everything,', () => {
  interface Export {
    identities: Record<string, unknown>[]
    sessions: { current: boolean }[]
    second_factor: object
    email_change: { new_email: string }
    lent_accounts: object[]
    quotas: { pools: { group: string }[] }
    quota_ledger: { id: number; amount: number }[]
  }

  it('has it all, and no secret', async () => {
    const person = await enrol(await newPerson())
    const id = person.id
    const account = await bringAccount(person, 1)
    await sql`insert into identities (user_id, provider, issuer, subject, username, email_verified,
        access_token_ciphertext, created_at, updated_at)
      values (${id}, 'github', 'https://github.com', ${String(id)}, 'octocat', false,
        'v1.sealed.token', now(), now())`
    await sql`insert into email_changes (user_id, new_email, new_email_key, expires_at)
      values (${id}, 'next@example.com', 'next@example.com', now() + interval '1 hour')`
    await waitFor(
      async () => (await sql`select 1 from quota_holders where user_id = ${id}`).length > 0,
    )
    await sql`insert into quota_pools (user_id, group_name, accrued_at) values (${id}, 'some', now())
      on conflict do nothing`
    // More than are read at once.
    await sql`insert into quota_ledger
        (user_id, group_name, kind, amount, balance_after, key, created_at)
      select ${id}, 'some', 'use', 10000, 0, 'test-' || n, now() from generate_series(1, 2100) n`

    const { body } = await call<Export>('/api/users/me/export', { token: person.token })
    expect(body.identities).toMatchObject([{ provider: 'github', username: 'octocat' }])
    expect(body.sessions.filter(({ current }) => current)).toHaveLength(1)
    expect(body.second_factor).toMatchObject({ enabled: true, recovery_codes_left: 10 })
    expect(body.email_change).toMatchObject({ new_email: 'next@example.com' })
    expect(body.lent_accounts).toEqual([
      { cookie_id: account, hold: null, model: null, quota_left: null, held_until: null },
    ])
    expect(body.quotas.pools.map(({ group }) => group)).toContain('some')
    const uses = body.quota_ledger.filter(({ amount }) => amount === 1)
    expect(uses).toHaveLength(2100)
    expect(new Set(uses.map((row) => row.id)).size).toBe(2100)
    const text = JSON.stringify(body)
    for (const secret of [person.secret, 'v1.', ...person.recoveryCodes])
      expect(text).not.toContain(secret)
  })

  it('is empty where there is nothing', async () => {
    const { token } = await newPerson()
    const { body } = await call<Export>('/api/users/me/export', { token })
    expect(body).toMatchObject({
      identities: [],
      second_factor: { enabled: false, recovery_codes_left: 0 },
      email_change: null,
      lent_accounts: [],
      quota_ledger: [],
    })
  })
})

describe('the audit log', () => {
  it('shows people their own events', async () => {
    const person = await newPerson()
    await call('/api/auth/login', {
      json: { username: person.username, password: 'wrong' },
      headers: { 'cf-connecting-ip': '198.51.100.7' },
    })
    await waitFor(async () => {
      const { body } = await call<{ items: { event: string; outcome: string; ip: string }[] }>(
        '/api/auth/events',
        { token: person.token },
      )
      const failed = body.items.find((item) => item.event === 'login.failed')
      return failed?.outcome === 'failure' && failed.ip === '198.51.100.7'
    })
    const other = await newPerson()
    const { body } = await call<{ items: { user_id: number }[] }>('/api/auth/events', {
      token: other.token,
    })
    expect(new Set(body.items.map((item) => item.user_id))).toEqual(new Set([other.id]))
  })

  it('shows administrators everybody, and people nothing of where those sat', async () => {
    const admin = await newAdmin()
    const person = await newPerson()
    await asAdmin(admin)('PUT', `/api/admin/users/${person.id}`, { trust_level: 1 })
    type Page = { items: Record<string, unknown>[]; next_cursor: string | null }
    const page = await asAdmin(admin)<Page>(
      'GET',
      `/api/admin/audit?user_id=${person.id}&event=user.updated`,
    )
    expect(page.body.items).toMatchObject([
      { actor_user_id: admin.id, details: { fields: 'trust_level', trust_level: 1 } },
    ])
    const own = await call<Page>('/api/auth/events?limit=1', { token: person.token })
    expect(own.body.items).toMatchObject([{ event: 'user.updated', ip: null, user_agent: null }])
    expect(own.body.next_cursor).not.toBeNull()
    expect((await call('/api/admin/audit', { token: person.token })).status).toBe(403)
  })

  it('forgets by cron what is too old', async () => {
    const person = await newPerson()
    await sql`update audit_events set at = now() - interval '366 days' where user_id = ${person.id}`
    const { stack } = await import('../../support/stack.ts')
    await fetch(
      `${stack.baseUrl}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent('17 3 * * *')}`,
    )
    await waitFor(
      async () => (await sql`select 1 from audit_events where user_id = ${person.id}`).length === 0,
    )
  })
})
