import { beforeEach, describe, expect, it } from 'vitest'
import { consumption, pool, start, type TestPlugin, type TestUser } from './support.ts'

const MODEL = 'gemini-2.5-flash'

let plugin: TestPlugin
beforeEach(async () => {
  plugin = await start()
})

function put(user: TestUser, path: string, body: object) {
  return plugin.call('PUT', `/api/accounts/${path}`, user.api_key, body)
}

describe('sharing and unsharing', () => {
  it('credits twice the stored fraction per account, and room for 2', async () => {
    const user = await plugin.newUser()
    await plugin.addAccount(user, { shared: 1, form: { quota: '0.6' } })
    expect(await pool(plugin, user)).toEqual({ quota: 1.2, max: 2 })
    await plugin.addAccount(user, { shared: 1, form: { quota: '1' } })
    expect(await pool(plugin, user)).toEqual({ quota: 3.2, max: 4 })
  })

  it('takes the same away when the type changes, and nothing when it does not', async () => {
    const user = await plugin.newUser()
    await plugin.addAccount(user, { shared: 1 })
    const cookie = await plugin.addAccount(user, { form: { quota: '0.5' } })
    await put(user, `${cookie}/type`, { is_shared: 1 })
    expect(await pool(plugin, user)).toEqual({ quota: 3, max: 4 })
    await put(user, `${cookie}/type`, { is_shared: 1 })
    await put(user, `${cookie}/status`, { status: 1 })
    expect(await pool(plugin, user)).toEqual({ quota: 3, max: 4 })
    await put(user, `${cookie}/type`, { is_shared: 0 })
    expect(await pool(plugin, user)).toEqual({ quota: 2, max: 2 })
  })

  it('refills a negative pool by disabling and enabling', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user, { shared: 1, form: { quota: '0.05' } })
    await plugin.control('/account', {
      cookie_id: cookie,
      live: { [MODEL]: 1 },
      stored: { [MODEL]: 1 },
    })
    await plugin.control('/config', { consumption: 0.6 })
    await plugin.chat(user, { stream: false })
    await plugin.control('/config', { consumption: 0.01 })
    expect(await pool(plugin, user)).toEqual({ quota: -0.5, max: 2 })
    await plugin.control('/account', { cookie_id: cookie, stored: { [MODEL]: 1 } })
    await put(user, `${cookie}/status`, { status: 0 })
    expect(await pool(plugin, user)).toEqual({ quota: 0, max: 0 })
    await put(user, `${cookie}/status`, { status: 1 })
    expect(await pool(plugin, user)).toEqual({ quota: 2, max: 2 })
  })

  it('subtracts twice when a disabled account is deleted', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user, { shared: 1 })
    await plugin.addAccount(user, { shared: 1 })
    await put(user, `${cookie}/status`, { status: 0 })
    await plugin.call('DELETE', `/api/accounts/${cookie}`, user.api_key)
    expect(await pool(plugin, user)).toEqual({ quota: 0, max: 0 })
  })

  it('subtracts nothing when an account is switched off automatically', async () => {
    const user = await plugin.newUser()
    await plugin.addAccount(user, { shared: 1 })
    await plugin.arm('upstream_403', { match: user.api_key })
    await plugin.chat(user, { stream: false })
    expect(await pool(plugin, user)).toEqual({ quota: 2, max: 2 })
  })
})

describe('using', () => {
  it('debits shared use only, and logs both', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user, { shared: 1 })
    await plugin.chat(user, { stream: false })
    expect(await pool(plugin, user)).toEqual({ quota: 1.99, max: 2 })
    await plugin.addAccount(user)
    await plugin.chat(user, { stream: false })
    expect(await pool(plugin, user)).toEqual({ quota: 1.99, max: 2 })
    const rows = await consumption(plugin, user)
    expect(
      rows.map((row) => [row.is_shared, row.quota_consumed, row.cookie_id === cookie]),
    ).toEqual([
      [0, '0.0100', false],
      [1, '0.0100', true],
    ])
  })

  it('over-charges parallel calls: three that used 0.3 debit 0.9 and log three equal rows', async () => {
    const user = await plugin.newUser()
    await plugin.addAccount(user, { shared: 1 })
    await plugin.control('/config', { consumption: 0.1, chat: { finishDelayMs: 400 } })
    await Promise.all([1, 2, 3].map(() => plugin.chat(user, { stream: false })))
    await plugin.control('/config', { consumption: 0.01, chat: { finishDelayMs: 0 } })
    expect(await pool(plugin, user)).toEqual({ quota: 1.1, max: 2 })
    const rows = await consumption(plugin, user)
    expect(rows.map((row) => [row.quota_before, row.quota_after, row.quota_consumed])).toEqual(
      Array(3).fill(['1.0000', '0.7000', '0.3000']),
    )
    expect(new Set(rows.map((row) => row.log_id)).size).toBe(3)
  })

  it('charges nothing on the first use of a model on an account', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    await plugin.control('/account', { cookie_id: cookie, stored: { [MODEL]: null } })
    await plugin.chat(user, { stream: false })
    expect(await consumption(plugin, user)).toHaveLength(0)
    await plugin.chat(user, { stream: false })
    expect(await consumption(plugin, user)).toHaveLength(1)
  })

  it('charges 0 when the quota was reset during the request', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user, { form: { quota: '0.3' } })
    await plugin.control('/config', { chat: { finishDelayMs: 500 } })
    const answer = plugin.chat(user, { stream: false })
    await new Promise((resolve) => setTimeout(resolve, 150))
    await plugin.control('/account', { cookie_id: cookie, resetNow: true })
    await answer
    await plugin.control('/config', { chat: { finishDelayMs: 0 } })
    const [row] = await consumption(plugin, user)
    expect(row).toMatchObject({
      quota_before: '0.3000',
      quota_after: '1.0000',
      quota_consumed: '0.0000',
    })
  })

  it('does not log what failed or broke midway', async () => {
    const user = await plugin.newUser()
    await plugin.addAccount(user)
    for (const failure of ['upstream_503', 'resource_exhausted', 'terminated_midway']) {
      await plugin.arm(failure, { times: 2, match: user.api_key })
      await plugin.chat(user, { stream: false })
      await plugin.chat(user, { stream: true })
    }
    expect(await consumption(plugin, user)).toHaveLength(0)
  })

  it('counts one model, or its whole group', async () => {
    const user = await plugin.newUser()
    await plugin.addAccount(user, { shared: 1 })
    const claude = ['claude-sonnet-4-5', 'claude-sonnet-4-5-thinking', 'claude-opus-4-5-thinking']
    const groups: [string, string[]][] = [
      [MODEL, [MODEL]],
      ['gemini-3-pro-low', ['gemini-3-pro-low', 'gemini-3-pro-high']],
      ['claude-sonnet-4-5', claude],
      // Not the other way round: the Claude models above left this row alone.
      ['gpt-oss-120b-medium', [...claude, 'gpt-oss-120b-medium']],
    ]
    const debits = new Map<string, number>()
    for (const [model, group] of groups) {
      await plugin.chat(user, { stream: false, model })
      for (const name of group) debits.set(name, (debits.get(name) ?? 0) + 1)
    }
    const { data } = (await plugin.call('GET', '/api/quotas/user', user.api_key)).body
    for (const row of data) {
      const expected = 2 - 0.01 * (debits.get(row.model_name) ?? 0)
      expect([row.model_name, Number(row.quota)]).toEqual([row.model_name, expected])
    }
  })
})

describe('selection', () => {
  it('refuses a user who never shared, although others did', async () => {
    const lender = await plugin.newUser()
    await plugin.addAccount(lender, { shared: 1 })
    const user = await plugin.newUser()
    const answer = await plugin.chat(user, { stream: false })
    expect(answer.status).toBe(500)
    expect(answer.body.error).toContain(MODEL)
  })

  it('prefers dedicated accounts, or shared ones, without excluding the others', async () => {
    const user = await plugin.newUser()
    const dedicated = await plugin.addAccount(user)
    await plugin.addAccount(user, { shared: 1 })
    const shared = async () => {
      await plugin.chat(user, { stream: false })
      return (await consumption(plugin, user))[0]?.is_shared
    }
    expect(await shared()).toBe(0)
    await plugin.call('PUT', `/api/users/${user.user_id}/preference`, user.api_key, {
      prefer_shared: 1,
    })
    expect(await shared()).toBe(1)
    await plugin.call('PUT', `/api/users/${user.user_id}/preference`, user.api_key, {
      prefer_shared: 0,
    })
    await put(user, `${dedicated}/status`, { status: 0 })
    expect(await shared()).toBe(1)
  })

  it('gives the owner no privilege on an own shared account', async () => {
    const user = await plugin.newUser()
    await plugin.addAccount(user, { shared: 1, form: { quota: '0' } })
    const answer = await plugin.chat(user, { stream: false })
    expect([answer.status, answer.body.error]).toEqual([500, expect.stringContaining(MODEL)])
  })

  it('admits by any model of the group', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    const stored = (value: number | null) =>
      plugin.control('/account', {
        cookie_id: cookie,
        stored: { 'gemini-3-pro-low': value, [MODEL]: value },
      })
    await stored(0)
    await put(user, `${cookie}/type`, { is_shared: 1 })
    await stored(null)
    expect(await pool(plugin, user, 'gemini-3-pro-low')).toEqual({ quota: 0, max: 2 })
    expect((await plugin.chat(user, { stream: false, model: 'gemini-3-pro-low' })).status).toBe(200)
    expect((await plugin.chat(user, { stream: false })).status).toBe(500)
  })

  it('chooses at random inside a tier', async () => {
    const user = await plugin.newUser()
    const cookies = [await plugin.addAccount(user), await plugin.addAccount(user)]
    for (let request = 0; request < 30; request += 1) await plugin.chat(user, { stream: false })
    const used = new Set((await consumption(plugin, user)).map((row) => row.cookie_id))
    expect([...used].sort()).toEqual([...cookies].sort())
  })

  it('goes on with another account when one turns out to be exhausted', async () => {
    const user = await plugin.newUser()
    const empty = await plugin.addAccount(user)
    const full = await plugin.addAccount(user)
    await plugin.control('/account', { cookie_id: empty, live: { [MODEL]: 0 } })
    for (let request = 0; request < 8; request += 1) {
      const answer = await plugin.chat(user, { stream: false })
      expect(answer.body.choices[0]?.message.content).toContain('good morning')
    }
    expect((await consumption(plugin, user)).every((row) => row.cookie_id === full)).toBe(true)
    await plugin.control('/account', { cookie_id: full, live: { [MODEL]: 0 } })
    const answer = await plugin.chat(user, { stream: false })
    expect(answer.body.choices[0]?.message.content).toBe('RESOURCE_EXHAUSTED')
  })

  it('gives up after five switches although more accounts are left', async () => {
    const user = await plugin.newUser()
    const cookies: string[] = []
    for (let count = 0; count < 6; count += 1) cookies.push(await plugin.addAccount(user))
    for (const cookie_id of cookies) {
      await plugin.control('/account', { cookie_id, live: { [MODEL]: 0 } })
    }
    await plugin.addAccount(user)
    const texts: (string | undefined)[] = []
    for (let request = 0; request < 40; request += 1) {
      const answer = await plugin.chat(user, { stream: false })
      texts.push(answer.body.choices[0]?.message.content)
    }
    expect(texts).toContain('RESOURCE_EXHAUSTED')
    expect(texts).toContain('Hello! You said: good morning')
  })
})

describe('the hourly job', () => {
  it('credits per tier, up to the maximum, and twice when run twice', async () => {
    const users: TestUser[] = []
    for (const tier of ['free', 'paid', 'unknown']) {
      const user = await plugin.newUser()
      await plugin.addAccount(user, { shared: 1, form: { tier, quota: '0.1' } })
      users.push(user)
    }
    const quotas = () => Promise.all(users.map(async (user) => (await pool(plugin, user))?.quota))
    expect(await quotas()).toEqual([0.2, 0.2, 0.2])
    expect((await plugin.control('/recover', {})).body.changedRows).toBe(20)
    expect(await quotas()).toEqual([0.212, 0.6, 0.2])
    await plugin.control('/recover', {})
    expect(await quotas()).toEqual([0.224, 1, 0.2])
    for (let hour = 0; hour < 5; hour += 1) await plugin.control('/recover', {})
    expect((await quotas())[1]).toBe(2)
  })
})
