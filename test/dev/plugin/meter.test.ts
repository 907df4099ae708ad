import { beforeEach, describe, expect, it } from 'vitest'
import { consumption, start, type TestPlugin, type TestUser } from './support.ts'

const LOW = 'gemini-3-pro-low'
const HIGH = 'gemini-3-pro-high'

let plugin: TestPlugin
let user: TestUser
let cookie: string
beforeEach(async () => {
  plugin = await start()
  user = await plugin.newUser()
  cookie = await plugin.addAccount(user)
})

async function stored(model: string): Promise<unknown> {
  const { body } = await plugin.call('GET', `/api/accounts/${cookie}/quotas`, user.api_key)
  return body.data.find((row) => row.model_name === model)?.quota
}

const ask = (model: string) => plugin.chat(user, { stream: false, model })

describe('the upstream meter', () => {
  it('keeps what is left for a family of models together', async () => {
    await plugin.control('/config', { consumption: 0.1, meterByFamily: true })
    await ask(LOW)
    expect([await stored(LOW), await stored(HIGH)]).toEqual(['0.9000', '0.9000'])
    expect(await stored('gemini-2.5-flash')).toBe('1.0000')
    await plugin.control('/account', { cookie_id: cookie, live: { [HIGH]: 0.5 } })
    expect(await stored(LOW)).toBe('0.5000')
  })

  it('shows two calls side by side the loss of both, in whichever model of the family', async () => {
    await plugin.control('/config', {
      consumption: 0.03,
      meterByFamily: true,
      chat: { finishDelayMs: 50, firstEventDelayMs: 50 },
    })
    await Promise.all([ask(LOW), ask(HIGH)])
    const rows = await consumption(plugin, user)
    expect(rows.map((row) => row.quota_consumed)).toEqual(['0.0600', '0.0600'])
  })

  it('moves in steps where so set', async () => {
    await plugin.control('/config', { consumption: 0.07, meterStep: 0.2 })
    const told: unknown[] = []
    for (let call = 0; call < 6; call += 1) {
      await ask(LOW)
      told.push(await stored(LOW))
    }
    expect(told).toEqual(['1.0000', '1.0000', '0.8000', '0.8000', '0.8000', '0.6000'])
    await plugin.control('/account', { cookie_id: cookie, live: { [LOW]: 0.01 } })
    expect(await stored(LOW)).toBe('0.2000')
    await plugin.control('/account', { cookie_id: cookie, live: { [LOW]: 0 } })
    expect(await stored(LOW)).toBe('0.0000')
  })

  it('has no row of a call in whose middle the service died, though it was used', async () => {
    await plugin.control('/config', { consumption: 0.05 })
    await plugin.arm('killed_midway')
    await plugin.chat(user, { stream: true, model: LOW }).catch(() => undefined)
    expect(await consumption(plugin, user)).toEqual([])
    await ask(LOW)
    const rows = await consumption(plugin, user)
    expect(rows.map((row) => row.quota_consumed)).toEqual(['0.1000'])
  })
})
