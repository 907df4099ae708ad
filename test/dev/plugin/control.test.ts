import { beforeAll, describe, expect, it } from 'vitest'
import { start, type TestPlugin } from './support.ts'

let plugin: TestPlugin
beforeAll(async () => {
  plugin = await start()
})

interface Logged {
  seq: number
  path: string
  body: string
  headers: Record<string, string>
}

async function requests(after: number): Promise<Logged[]> {
  const { body } = await plugin.control(`/requests?after=${after}`)
  return body.requests as Logged[]
}

describe('the log of requests', () => {
  it('shows what came, with all headers, and not itself', async () => {
    const user = await plugin.newUser()
    const cookie = await plugin.addAccount(user)
    const { latest } = (await plugin.control('/requests')).body
    const body = JSON.stringify({ model: 'gemini-2.5-flash', stream: false, messages: [] })
    await plugin.fetch('/v1/chat/completions?x=1', {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${user.api_key}`,
        'Content-Type': 'application/json',
        'X-Account-Type': 'kiro',
        'X-Other': 'Value',
      },
      body,
    })
    const [logged, ...more] = await requests(Number(latest))
    expect(more).toEqual([])
    expect(logged).toEqual({
      seq: Number(latest) + 1,
      at: expect.stringMatching(/Z$/),
      method: 'POST',
      path: '/v1/chat/completions',
      query: '?x=1',
      headers: expect.objectContaining({
        authorization: `Bearer ${user.api_key}`,
        'x-account-type': 'kiro',
        'x-other': 'Value',
      }),
      accountType: 'kiro',
      bodyBytes: body.length,
      body,
      status: 200,
      failure: null,
      aborted: false,
      finished: true,
    })
    expect(cookie).toMatch(/^[0-9a-f]{32}$/)
  })

  it('keeps the first 4 KB of a body and its true size', async () => {
    const { latest } = (await plugin.control('/requests')).body
    await plugin.call('POST', '/api/nothing', 'sk-x', { text: 'x'.repeat(10_000) })
    const [logged] = await requests(Number(latest))
    expect(logged).toMatchObject({ bodyBytes: 10_011, status: 404 })
    expect(logged?.body).toHaveLength(4_096)
  })
})

describe('configuration', () => {
  it('changes what is named and nothing else, and can be reset', async () => {
    const changed = await plugin.control('/config', { consumption: 0.5, chat: { answer: 'Yes.' } })
    expect(changed.body).toMatchObject({
      consumption: 0.5,
      chat: { answer: 'Yes.', eventDelayMs: 0 },
    })
    const user = await plugin.newUser()
    await plugin.addAccount(user)
    const answer = await plugin.chat(user, { stream: false })
    expect(answer.body.choices[0]?.message.content).toBe('Yes.')
    await plugin.control('/reset-config', {})
    expect((await plugin.control('/config')).body).toMatchObject({
      consumption: 0.01,
      chat: { answer: null, eventDelayMs: 5 },
    })
  })

  it('refuses unknown names and wrong types, changing nothing', async () => {
    for (const wrong of [
      { nonsense: 1 },
      { chat: { nonsense: 1 } },
      { consumption: 0.7, chat: { eventDelayMs: '5' } },
      { chat: { whitespaceLoss: 1 } },
    ]) {
      expect((await plugin.control('/config', wrong)).status).toBe(400)
    }
    expect((await plugin.control('/config')).body.consumption).toBe(0.01)
  })

  it('knows a consumption per model', async () => {
    await plugin.control('/config', { consumptionByModel: { 'gemini-2.5-pro': 0.25 } })
    const user = await plugin.newUser()
    await plugin.addAccount(user)
    await plugin.chat(user, { stream: false, model: 'gemini-2.5-pro' })
    await plugin.chat(user, { stream: false })
    const rows = await plugin.call('GET', '/api/quotas/consumption', user.api_key)
    expect(rows.body.data.map((row) => row.quota_consumed)).toEqual(['0.0100', '0.2500'])
  })
})

describe('the state', () => {
  it('counts users, accounts and rows', async () => {
    const own = await start()
    const user = await own.newUser()
    await own.addAccount(user, { shared: 1 })
    const off = await own.addAccount(user)
    await own.call('PUT', `/api/accounts/${off}/status`, user.api_key, { status: 0 })
    await own.chat(user, { stream: false })
    await own.arm('hang')
    expect((await own.control('/state')).body).toMatchObject({
      users: 1,
      accounts: 2,
      sharedAccounts: 1,
      enabledAccounts: 1,
      consumptionRows: 1,
      armed: 1,
    })
  })
})
