import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_KEY, consumption, start, type TestPlugin } from './support.ts'

const MODEL = 'gemini-2.5-flash'

let plugin: TestPlugin
beforeAll(async () => {
  plugin = await start()
})

describe('reading accounts', () => {
  it('lists the newest first, typed as the database driver types', async () => {
    const user = await plugin.newUser()
    const first = await plugin.addAccount(user, { form: { tier: 'unknown' } })
    const second = await plugin.addAccount(user, { shared: 1 })
    const list = await plugin.call('GET', '/api/accounts', user.api_key)
    expect(list.body.data.map((account) => account.cookie_id)).toEqual([second, first])
    expect(list.body.data[1]).toEqual({
      cookie_id: first,
      user_id: user.user_id,
      name: expect.stringContaining('@example.test'),
      is_shared: 0,
      status: 1,
      need_refresh: false,
      expires_at: expect.stringMatching(/^\d{13}$/),
      project_id_0: expect.any(String),
      is_restricted: false,
      paid_tier: null,
      ineligible: false,
      last_used_at: null,
      created_at: expect.stringMatching(/\.\d{3}Z$/),
      updated_at: expect.stringMatching(/\.\d{3}Z$/),
    })
  })

  it('shows the last use in the list, and leaves it out of the single account', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    await plugin.chat(user, { stream: false })
    const [listed] = (await plugin.call('GET', '/api/accounts', user.api_key)).body.data
    const [row] = await consumption(plugin, user)
    expect(listed?.last_used_at).toBe(row?.consumed_at)
    const single = await plugin.call('GET', `/api/accounts/${cookie}`, user.api_key)
    expect(single.body.data.cookie_id).toBe(cookie)
    expect('last_used_at' in single.body.data).toBe(false)
  })

  it('keeps others out, but not the admin', async () => {
    const user = await plugin.newUser()
    const other = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    const path = `/api/accounts/${cookie}`
    expect((await plugin.call('GET', path, other.api_key)).status).toBe(403)
    expect((await plugin.call('DELETE', path, other.api_key)).status).toBe(403)
    expect((await plugin.call('GET', path, ADMIN_KEY)).status).toBe(200)
    expect((await plugin.call('GET', '/api/accounts/none', user.api_key)).status).toBe(404)
  })
})

describe('changing accounts', () => {
  it('checks every value strictly', async () => {
    const user = await plugin.newUser()
    const path = `/api/accounts/${await plugin.addAccount(user)}`
    for (const [suffix, body] of [
      ['/status', { status: true }],
      ['/type', { is_shared: '1' }],
      ['/name', { name: 7 }],
      ['/name', { name: 'x'.repeat(101) }],
      [`/quotas/${MODEL}/status`, { status: 2 }],
    ] as const) {
      expect((await plugin.call('PUT', path + suffix, user.api_key, body)).status).toBe(400)
    }
  })

  it('changes status, type and name', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    const path = `/api/accounts/${cookie}`
    const put = async (suffix: string, body: object) =>
      (await plugin.call('PUT', path + suffix, user.api_key, body)).body.data
    expect(await put('/status', { status: 0 })).toEqual({ cookie_id: cookie, status: 0 })
    expect(await put('/type', { is_shared: 1 })).toEqual({ cookie_id: cookie, is_shared: 1 })
    expect(await put('/name', { name: '' })).toEqual({ cookie_id: cookie, name: '' })
    const shown = await plugin.call('GET', path, user.api_key)
    expect(shown.body.data).toMatchObject({ status: 0, is_shared: 1, name: '' })
  })

  it('deletes an account with its history', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    await plugin.chat(user, { stream: false })
    expect(await consumption(plugin, user)).toHaveLength(1)
    const deleted = await plugin.call('DELETE', `/api/accounts/${cookie}`, user.api_key)
    expect(deleted.status).toBe(200)
    expect(deleted.body.data).toBeUndefined()
    expect(await consumption(plugin, user)).toHaveLength(0)
  })
})

describe('quotas of an account', () => {
  it('lists them live, the lowest first', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user, {
      form: { 'quota.gpt-oss-120b-medium': '0.1234' },
    })
    const answer = await plugin.call('GET', `/api/accounts/${cookie}/quotas`, user.api_key)
    expect(answer.body.data).toHaveLength(10)
    expect(answer.body.data[0]).toEqual({
      quota_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      cookie_id: cookie,
      model_name: 'gpt-oss-120b-medium',
      reset_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/),
      quota: '0.1234',
      status: 1,
      last_fetched_at: expect.stringMatching(/Z$/),
      created_at: expect.stringMatching(/Z$/),
    })
    await plugin.control('/account', { cookie_id: cookie, live: { [MODEL]: 0.05 } })
    const later = await plugin.call('GET', `/api/accounts/${cookie}/quotas`, user.api_key)
    expect(later.body.data[0]).toMatchObject({ model_name: MODEL, quota: '0.0500' })
  })

  it('fails with 500 when the upstream gives nothing', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    await plugin.control('/account', { cookie_id: cookie, token: 'broken' })
    const answer = await plugin.call('GET', `/api/accounts/${cookie}/quotas`, user.api_key)
    expect(answer.status).toBe(500)
  })

  it('switches an exhausted model off, and leaves it off until told otherwise', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    const quotas = `/api/accounts/${cookie}/quotas`
    const row = async () => {
      const rows: { model_name: string }[] = (await plugin.call('GET', quotas, user.api_key)).body
        .data
      return rows.find((candidate) => candidate.model_name === MODEL)
    }
    await plugin.control('/account', { cookie_id: cookie, live: { [MODEL]: 0 } })
    expect(await row()).toMatchObject({ quota: '0.0000', status: 0 })
    await plugin.control('/account', { cookie_id: cookie, live: { [MODEL]: 0.7 } })
    expect(await row()).toMatchObject({ quota: '0.7000', status: 0 })
    expect((await plugin.chat(user, { stream: false })).status).toBe(500)

    const path = `${quotas}/${MODEL}/status`
    const set = await plugin.call('PUT', path, user.api_key, { status: 1 })
    expect(set.body.data).toEqual({ cookie_id: cookie, model_name: MODEL, status: 1 })
    expect(await row()).toMatchObject({ quota: '0.7000', status: 1 })
    expect((await plugin.chat(user, { stream: false })).status).toBe(200)
    const none = await plugin.call('PUT', `${quotas}/constructor/status`, user.api_key, {
      status: 1,
    })
    expect(none.status).toBe(500)
  })
})

describe('automatic disabling', () => {
  async function accountAfter(change: () => Promise<unknown>, cookie: string) {
    await change()
    return (await plugin.call('GET', `/api/accounts/${cookie}`, ADMIN_KEY)).body.data
  }

  it('disables on invalid_grant without asking for a refresh', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    await plugin.control('/account', { cookie_id: cookie, token: 'invalid_grant' })
    const account = await accountAfter(() => plugin.chat(user, { stream: false }), cookie)
    expect(account).toMatchObject({ status: 0, need_refresh: false })
  })

  it('never forgets need_refresh', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    await plugin.control('/account', { cookie_id: cookie, token: 'broken' })
    const account = await accountAfter(() => plugin.chat(user, { stream: false }), cookie)
    expect(account).toMatchObject({ status: 0, need_refresh: true })

    await plugin.control('/account', { cookie_id: cookie, token: 'ok' })
    const path = `/api/accounts/${cookie}/status`
    expect((await plugin.call('PUT', path, user.api_key, { status: 1 })).status).toBe(200)
    const shown = await plugin.call('GET', `/api/accounts/${cookie}`, user.api_key)
    expect(shown.body.data).toMatchObject({ status: 1, need_refresh: true })
    expect((await plugin.chat(user, { stream: false })).status).toBe(500)
    expect((await plugin.call('GET', '/v1/models', user.api_key)).status).toBe(500)
  })

  it('disables on 403 everywhere and on unrecognised 400, not on the other refusals', async () => {
    for (const [failure, status] of [
      ['upstream_403', 0],
      ['upstream_400_unknown', 0],
      ['upstream_403_permission', 1],
      ['upstream_400', 1],
      ['upstream_401', 1],
      ['upstream_503', 1],
    ] as const) {
      const user = await plugin.newUser()
      const cookie = await plugin.addAccount(user)
      await plugin.arm(failure, { match: user.api_key })
      const account = await accountAfter(() => plugin.chat(user, { stream: false }), cookie)
      expect([failure, account.status]).toEqual([failure, status])
    }
  })

  it('disables on an invalid project and goes on with another account', async () => {
    const user = await plugin.newUser()
    const cookies = [await plugin.addAccount(user), await plugin.addAccount(user)]
    await plugin.arm('project_invalid', { match: user.api_key })
    expect((await plugin.chat(user, { stream: false })).status).toBe(200)
    const list: { cookie_id: string; status: number }[] = (
      await plugin.call('GET', '/api/accounts', user.api_key)
    ).body.data
    expect(list.map((account) => account.status).sort()).toEqual([0, 1])
    expect(list.map((account) => account.cookie_id).sort()).toEqual([...cookies].sort())
  })
})
