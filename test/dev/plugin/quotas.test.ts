import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_KEY, consumption, type Row, start, type TestPlugin } from './support.ts'

const MODEL = 'gemini-2.5-flash'

let plugin: TestPlugin
beforeAll(async () => {
  plugin = await start()
})

describe('pool rows', () => {
  it('is empty until an account is shared, then typed as strings, highest first', async () => {
    const user = await plugin.newUser()
    await plugin.addAccount(user)
    expect((await plugin.call('GET', '/api/quotas/user', user.api_key)).body.data).toEqual([])
    await plugin.addAccount(user, { shared: 1, form: { quota: '0.5', [`quota.${MODEL}`]: '0.9' } })
    const { data } = (await plugin.call('GET', '/api/quotas/user', user.api_key)).body
    expect(data).toHaveLength(10)
    expect(data[0]).toEqual({
      pool_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      user_id: user.user_id,
      model_name: MODEL,
      quota: '1.8000',
      max_quota: '2.0000',
      last_recovered_at: expect.stringMatching(/Z$/),
      last_updated_at: expect.stringMatching(/Z$/),
    })
    expect(data[1]?.quota).toBe('1.0000')
  })
})

describe('shared pool', () => {
  it('sums enabled shared accounts; amounts are strings, own consumption is numbers', async () => {
    const fresh = await start()
    const ann = await fresh.newUser()
    const ben = await fresh.newUser()
    await fresh.addAccount(ann, { shared: 1, form: { quota: '0.4' } })
    const second = await fresh.addAccount(ben, { shared: 1, form: { quota: '0.3' } })
    await fresh.addAccount(ben)
    await fresh.control('/config', { consumption: 0.1 })
    await fresh.chat(ben, { stream: false })

    const pool = async () => {
      const { data } = (await fresh.call('GET', '/api/quotas/shared-pool', ben.api_key)).body
      const quotas = data.quotas as Row[]
      return {
        user_consumption: data.user_consumption,
        row: quotas.find((row) => row.model_name === MODEL),
      }
    }
    const first = await pool()
    expect(first.row).toEqual({
      model_name: MODEL,
      total_quota: '0.7000',
      earliest_reset_time: expect.stringMatching(/\d{3}$/),
      available_cookies: '2',
      status: 1,
      last_fetched_at: expect.stringMatching(/Z$/),
    })
    expect(first.user_consumption).toEqual({
      total_requests: 1,
      total_quota_consumed: 0.1,
      shared_quota_consumed: 0,
      private_quota_consumed: 0.1,
    })
    await fresh.call('PUT', `/api/accounts/${second}/status`, ben.api_key, { status: 0 })
    expect((await pool()).row).toMatchObject({ total_quota: '0.4000', available_cookies: '1' })
  })

  it('refreshes shared accounts whose reset time has passed', async () => {
    const fresh = await start()
    const user = await fresh.newUser()
    const cookie = await fresh.addAccount(user, { shared: 1, form: { quota: '0.2' } })
    const total = async () => {
      const { data } = (await fresh.call('GET', '/api/quotas/shared-pool', user.api_key)).body
      return (data.quotas as Row[])[0]?.total_quota
    }
    expect(await total()).toBe('0.2000')
    await fresh.control('/account', { cookie_id: cookie, resetNow: true })
    expect(await total()).toBe('1.0000')
  })
})

describe('consumption', () => {
  it('lists rows newest first, with limit and dates', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    for (let request = 0; request < 3; request += 1) {
      await plugin.chat(user, { stream: false })
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    const rows = await consumption(plugin, user)
    expect(rows.map((row) => row.quota_before)).toEqual(['0.9800', '0.9900', '1.0000'])
    expect(rows[0]).toEqual({
      log_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      user_id: user.user_id,
      cookie_id: cookie,
      model_name: MODEL,
      quota_before: '0.9800',
      quota_after: '0.9700',
      quota_consumed: '0.0100',
      is_shared: 0,
      consumed_at: expect.stringMatching(/\.\d{3}Z$/),
    })
    expect(await consumption(plugin, user, '?limit=2')).toEqual(rows.slice(0, 2))
    const middle = rows[1]?.consumed_at
    expect(await consumption(plugin, user, `?start_date=${middle}`)).toEqual(rows.slice(0, 2))
    expect(await consumption(plugin, user, `?end_date=${middle}`)).toEqual(rows.slice(1))
  })

  it('answers garbage dates with 500', async () => {
    const user = await plugin.newUser()
    const path = '/api/quotas/consumption?start_date=garbage'
    expect((await plugin.call('GET', path, user.api_key)).status).toBe(500)
  })

  it('gives statistics as strings, and null over nothing', async () => {
    const user = await plugin.newUser()
    await plugin.addAccount(user)
    const stats = async () =>
      (await plugin.call('GET', `/api/quotas/consumption/stats/${MODEL}`, user.api_key)).body.data
    expect(await stats()).toEqual({
      total_requests: '0',
      total_quota_consumed: null,
      avg_quota_consumed: null,
      last_used_at: null,
    })
    await plugin.chat(user, { stream: false })
    await plugin.chat(user, { stream: false })
    expect(await stats()).toEqual({
      total_requests: '2',
      total_quota_consumed: '0.0200',
      avg_quota_consumed: '0.01000000000000000000',
      last_used_at: expect.stringMatching(/Z$/),
    })
  })

  it('has a broken list of low quotas', async () => {
    const low = await plugin.call('GET', '/api/quotas/low?threshold=0.1', ADMIN_KEY)
    expect(low.status).toBe(500)
    expect(low.body.error).toContain('does not exist')
  })
})
