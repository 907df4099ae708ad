import { beforeEach, describe, expect, it } from 'vitest'
import { ADMIN_KEY, consent, pool, start, type TestPlugin, type TestUser } from './support.ts'

const NEWER = 'claude-opus-4-6-thinking'

let plugin: TestPlugin
let user: TestUser
beforeEach(async () => {
  plugin = await start()
  user = await plugin.newUser()
})

const playNewer = () => plugin.control('/config', { version: 'N' })
const get = (path: string, key = user.api_key) => plugin.call('GET', path, key)
const put = (path: string, body: object) => plugin.call('PUT', path, user.api_key, body)
const post = (path: string, body: object) => plugin.call('POST', path, user.api_key, body)

describe('the newer version', () => {
  it('cannot take a lent account back, though it can lend one and switch it off', async () => {
    await playNewer()
    const cookie = await plugin.addAccount(user, { shared: 1 })
    const back = await put(`/api/accounts/${cookie}/type`, { is_shared: 0 })
    expect([back.status, back.body.error]).toEqual([500, 'accountType is not defined'])
    expect((await get(`/api/accounts/${cookie}`)).body.data.is_shared).toBe(1)
    expect((await put(`/api/accounts/${cookie}/type`, { is_shared: 1 })).status).toBe(200)
    expect((await put(`/api/accounts/${cookie}/status`, { status: 0 })).status).toBe(200)
    const own = await plugin.addAccount(user)
    expect((await put(`/api/accounts/${own}/type`, { is_shared: 1 })).status).toBe(200)
  })

  it('imports an account by its refresh token, once', async () => {
    const body = { refresh_token: '1//token', is_shared: 1 }
    const older = await post('/api/accounts/import', body)
    expect([older.status, older.type]).toEqual([404, 'text/html; charset=utf-8'])
    await playNewer()
    const added = await post('/api/accounts/import', body)
    expect(added.body.data).toMatchObject({ is_shared: 1, email: expect.stringMatching(/@/) })
    expect(await pool(plugin, user)).toEqual({ quota: 2, max: 2 })
    expect((await post('/api/accounts/import', body)).status).toBe(400)
    expect((await post('/api/accounts/import', { refresh_token: 'revoked' })).status).toBe(400)
    expect((await post('/api/accounts/import', {})).status).toBe(400)
  })

  it('renews an account, shows its detail and lets its project be chosen', async () => {
    await playNewer()
    const cookie = await plugin.addAccount(user)
    const base = `/api/accounts/${cookie}`
    expect((await post(`${base}/refresh`, {})).body.data.cookie_id).toBe(cookie)
    expect((await get(`${base}/detail`)).body.data).toMatchObject({ subscription_tier: 'FREE' })
    expect((await get(`${base}/projects`)).body.data).toMatchObject({ cookie_id: cookie })
    const changed = await put(`${base}/project-id`, { project_id: 'mine' })
    expect(changed.body.data).toMatchObject({ project_id_0: 'mine' })
    expect((await put(`${base}/project-id`, {})).status).toBe(400)
    await plugin.control('/account', { cookie_id: cookie, token: 'invalid_grant' })
    expect((await post(`${base}/refresh`, {})).status).toBe(400)
    expect((await get(base)).body.data).toMatchObject({ status: 0, need_refresh: true })
    const unknown = await get('/api/accounts/nobody/detail', ADMIN_KEY)
    expect([unknown.status, unknown.type]).toEqual([404, 'application/json; charset=utf-8'])
  })

  it('tells broken JSON as JSON, and forgets a state whose code was refused', async () => {
    await playNewer()
    const broken = await plugin.fetch('/api/users', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_KEY}` },
      body: '{',
    })
    expect(broken.status).toBe(400)
    expect(await broken.json()).toEqual({ error: expect.any(String) })
    const address = await consent(plugin, user)
    const wrong = new URL(address)
    wrong.searchParams.set('code', 'wrong')
    const hand = (callback_url: string) => post('/api/oauth/callback/manual', { callback_url })
    expect((await hand(wrong.href)).body.error).toContain('invalid_grant')
    expect((await hand(address)).body.error).toBe('Invalid or expired state parameter')
  })

  it('refuses an unknown account system, lists what all of them offer, and knows one model more', async () => {
    await playNewer()
    const ask = (type?: string) =>
      plugin.fetch('/v1/models', {
        headers: {
          authorization: `Bearer ${user.api_key}`,
          ...(type && { 'x-account-type': type }),
        },
      })
    expect((await ask('antigravity')).status).toBe(500)
    expect((await ask()).status).toBe(200)
    await plugin.addAccount(user)
    expect(await (await ask('antigravity')).text()).toContain(NEWER)
    const chat = await plugin.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${user.api_key}`,
        'content-type': 'application/json',
        'x-account-type': 'nobody',
      },
      body: JSON.stringify({ model: NEWER, messages: [] }),
    })
    expect(chat.status).toBe(400)
  })

  it('debits the newer model with the Claude group', async () => {
    await playNewer()
    await plugin.addAccount(user, { shared: 1 })
    await plugin.control('/config', { consumption: 0.1 })
    await plugin.chat(user, { model: NEWER, stream: false })
    expect(await pool(plugin, user, 'claude-sonnet-4-5')).toEqual({ quota: 1.9, max: 2 })
    expect(await pool(plugin, user, 'gpt-oss-120b-medium')).toEqual({ quota: 2, max: 2 })
  })
})
