import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_KEY, start, type TestPlugin } from './support.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const UNKNOWN = '00000000-0000-4000-8000-000000000000'

let plugin: TestPlugin
beforeAll(async () => {
  plugin = await start()
})

describe('creating users', () => {
  it('gives an id and a key, and shows the key only there', async () => {
    const made = await plugin.call('POST', '/api/users', ADMIN_KEY, {
      name: 'Ann',
      prefer_shared: 1,
    })
    expect(made.status).toBe(200)
    expect(made.body.success).toBe(true)
    expect(Object.keys(made.body.data).sort()).toEqual(['api_key', 'created_at', 'name', 'user_id'])
    expect(made.body.data.user_id).toMatch(UUID)
    expect(made.body.data.api_key).toMatch(/^sk-[0-9A-Za-z]{47,48}$/)
    expect(made.body.data.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

    const list = await plugin.call('GET', '/api/users', ADMIN_KEY)
    expect(list.body.data[0]).toEqual({
      user_id: made.body.data.user_id,
      name: 'Ann',
      status: 1,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
    // prefer_shared in the body was ignored.
    const me = await plugin.call('GET', '/api/user/me', made.body.data.api_key)
    expect(me.body.data).toMatchObject({ name: 'Ann', prefer_shared: 0, status: 1 })
  })

  it('is not idempotent, and lists the newest first', async () => {
    const first = await plugin.newUser('twin')
    const second = await plugin.newUser('twin')
    const list = await plugin.call('GET', '/api/users', ADMIN_KEY)
    expect(list.body.data.slice(0, 2).map((user) => user.user_id)).toEqual([
      second.user_id,
      first.user_id,
    ])
  })

  it('takes a missing name as null, and fails with 500 over 100 characters', async () => {
    expect((await plugin.call('POST', '/api/users', ADMIN_KEY, {})).body.data.name).toBeNull()
    const fits = await plugin.call('POST', '/api/users', ADMIN_KEY, { name: 'é'.repeat(100) })
    expect(fits.status).toBe(200)
    const long = await plugin.call('POST', '/api/users', ADMIN_KEY, { name: 'x'.repeat(101) })
    expect(long.status).toBe(500)
    expect(typeof long.body.error).toBe('string')
  })
})

describe('keys', () => {
  it('refuses missing, malformed and unknown keys with 401', async () => {
    for (const headers of [{}, { Authorization: 'Basic x' }, { Authorization: 'Bearer sk-no' }]) {
      const answer = await plugin.fetch('/api/accounts', { headers })
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({ error: expect.any(String) })
    }
  })

  it('keeps users out of the administration with 403', async () => {
    const user = await plugin.newUser()
    for (const [method, path] of [
      ['POST', '/api/users'],
      ['GET', '/api/users'],
      ['GET', '/api/quotas/low'],
      ['DELETE', `/api/users/${user.user_id}`],
    ] as const) {
      expect((await plugin.call(method, path, user.api_key)).status).toBe(403)
    }
  })

  it('kills the old key at once when a new one is made, for disabled users too', async () => {
    const user = await plugin.newUser()
    const path = `/api/users/${user.user_id}`
    await plugin.call('PUT', `${path}/status`, ADMIN_KEY, { status: 0 })
    const made = await plugin.call('POST', `${path}/regenerate-key`, ADMIN_KEY)
    expect(made.body.data).toEqual({ user_id: user.user_id, api_key: expect.any(String) })
    await plugin.call('PUT', `${path}/status`, ADMIN_KEY, { status: 1 })
    expect((await plugin.call('GET', '/api/user/me', user.api_key)).status).toBe(401)
    expect((await plugin.call('GET', '/api/user/me', made.body.data.api_key)).status).toBe(200)
  })

  it('answers a disabled user exactly like an unknown key', async () => {
    const user = await plugin.newUser()
    await plugin.call('PUT', `/api/users/${user.user_id}/status`, ADMIN_KEY, { status: 0 })
    const disabled = await plugin.call('GET', '/api/user/me', user.api_key)
    const unknown = await plugin.call('GET', '/api/user/me', 'sk-unknown')
    expect([disabled.status, disabled.text]).toEqual([unknown.status, unknown.text])
    expect(disabled.status).toBe(401)
  })

  it('fails on per-user rows of the admin with 500', async () => {
    const chat = { model: 'gemini-2.5-flash', messages: [] }
    for (const [method, path, body] of [
      ['GET', '/api/accounts', undefined],
      ['GET', '/api/quotas/user', undefined],
      ['GET', '/api/quotas/shared-pool', undefined],
      ['GET', '/api/quotas/consumption', undefined],
      ['GET', '/v1/models', undefined],
      ['POST', '/v1/chat/completions', chat],
    ] as const) {
      const answer = await plugin.call(method, path, ADMIN_KEY, body)
      expect(answer.status).toBe(500)
      expect(answer.body).toEqual({ error: 'invalid input syntax for type uuid: "admin"' })
    }
    const me = await plugin.call('GET', '/api/user/me', ADMIN_KEY)
    expect(me.body.data).toEqual({ user_id: 'admin' })
  })
})

describe('changing users', () => {
  it('checks status strictly', async () => {
    const user = await plugin.newUser()
    const path = `/api/users/${user.user_id}/status`
    for (const status of [true, '1', 2, null]) {
      expect((await plugin.call('PUT', path, ADMIN_KEY, { status })).status).toBe(400)
    }
    const set = await plugin.call('PUT', path, ADMIN_KEY, { status: 0 })
    expect(set.body.data).toEqual({ user_id: user.user_id, status: 0 })
  })

  it('answers unknown users with 500, except for deleting: 404', async () => {
    const path = `/api/users/${UNKNOWN}`
    for (const [method, suffix, body] of [
      ['POST', '/regenerate-key', undefined],
      ['PUT', '/status', { status: 1 }],
      ['PUT', '/preference', { prefer_shared: 1 }],
    ] as const) {
      expect((await plugin.call(method, path + suffix, ADMIN_KEY, body)).status).toBe(500)
    }
    expect((await plugin.call('DELETE', path, ADMIN_KEY)).status).toBe(404)
  })

  it('lets users set their own preference only', async () => {
    const user = await plugin.newUser()
    const other = await plugin.newUser()
    const path = `/api/users/${user.user_id}/preference`
    const set = await plugin.call('PUT', path, user.api_key, { prefer_shared: 1 })
    expect(set.body.data).toEqual({ user_id: user.user_id, prefer_shared: 1 })
    const me = await plugin.call('GET', '/api/user/me', user.api_key)
    expect(me.body.data.prefer_shared).toBe(1)
    expect((await plugin.call('PUT', path, other.api_key, { prefer_shared: 0 })).status).toBe(403)
    expect((await plugin.call('PUT', path, user.api_key, { prefer_shared: true })).status).toBe(400)
    expect((await plugin.call('PUT', path, ADMIN_KEY, { prefer_shared: 0 })).status).toBe(200)
  })

  it('deletes a user with accounts, pool and history', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user, { shared: 1 })
    const before = (await plugin.control('/state')).body
    await plugin.chat(user, { stream: false })
    const deleted = await plugin.call('DELETE', `/api/users/${user.user_id}`, ADMIN_KEY)
    expect(deleted.status).toBe(200)
    expect(deleted.body.data).toBeUndefined()
    expect((await plugin.call('GET', `/api/accounts/${cookie}`, ADMIN_KEY)).status).toBe(404)
    const after = (await plugin.control('/state')).body
    expect(after.users).toBe(Number(before.users) - 1)
    expect(after.accounts).toBe(Number(before.accounts) - 1)
    expect(after.consumptionRows).toBe(before.consumptionRows)
  })
})

describe('bodies that are no JSON answers', () => {
  it('answers unknown routes with 404 HTML', async () => {
    const answer = await plugin.call('GET', '/api/nothing', ADMIN_KEY)
    expect(answer.status).toBe(404)
    expect(answer.type).toContain('text/html')
    expect(answer.text).toContain('Cannot GET /api/nothing')
  })

  it('survives request targets that are no paths', async () => {
    for (const path of ['//', '//api//users', '/api/accounts/%', '/%2e%2e/']) {
      expect((await plugin.call('GET', path, ADMIN_KEY)).type).toContain('text/html')
    }
    expect((await plugin.call('GET', '/')).status).toBe(200)
  })

  it('answers malformed JSON with 400 HTML', async () => {
    for (const body of ['{"name":', 'null', '"text"']) {
      const answer = await plugin.fetch('/api/users', {
        method: 'POST',
        headers: { Authorization: `Bearer ${ADMIN_KEY}`, 'Content-Type': 'application/json' },
        body,
      })
      expect(answer.status).toBe(400)
      expect(answer.headers.get('content-type')).toContain('text/html')
    }
  })

  it('answers a missing body with 500 JSON, on chat with 500 HTML', async () => {
    const user = await plugin.newUser()
    const users = await plugin.call('POST', '/api/users', ADMIN_KEY)
    expect(users.status).toBe(500)
    expect(users.body.error).toContain('Cannot destructure property')
    expect((await plugin.call('POST', '/api/oauth/authorize', user.api_key)).status).toBe(500)
    const chat = await plugin.call('POST', '/v1/chat/completions', user.api_key)
    expect(chat.status).toBe(500)
    expect(chat.type).toContain('text/html')
  })

  it('answers bodies over the limit with 413', async () => {
    await plugin.control('/config', { bodyLimitBytes: 2_000 })
    const fits = await plugin.call('POST', '/api/users', ADMIN_KEY, { x: 'x'.repeat(1_900) })
    const over = await plugin.call('POST', '/api/users', ADMIN_KEY, { x: 'x'.repeat(200_000) })
    await plugin.control('/config', { bodyLimitBytes: 50 * 1024 * 1024 })
    expect(fits.status).toBe(200)
    expect(over.status).toBe(413)
    expect(over.body).toEqual({ error: expect.any(String) })
  })

  it('says on its front page what it is', async () => {
    expect((await plugin.call('GET', '/')).text).toContain('development stand-in')
  })
})
