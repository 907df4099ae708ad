import { beforeAll, describe, expect, it } from 'vitest'
import { consumption, start, streamed, type TestPlugin, type TestUser } from './support.ts'

let plugin: TestPlugin
let user: TestUser
beforeAll(async () => {
  plugin = await start()
  user = await plugin.newUser()
  await plugin.control('/config', { consumption: 0 })
  await plugin.addAccount(user)
})

function asks(content: unknown) {
  return { messages: [{ role: 'user', content }] }
}

describe('models', () => {
  it('lists in the shape of OpenAI, without an envelope', async () => {
    const answer = await plugin.call('GET', '/v1/models', user.api_key)
    expect(answer.body).toEqual({ object: 'list', data: expect.any(Array) })
    expect(answer.body.data).toHaveLength(10)
    expect(answer.body.data[0]).toEqual({
      id: 'gemini-3-pro-high',
      object: 'model',
      created: expect.any(Number),
      owned_by: 'google',
    })
    expect(Math.abs(Number(answer.body.data[0]?.created) - Date.now() / 1_000)).toBeLessThan(5)
  })

  it('borrows no shared account: 500 without an own one', async () => {
    const lender = await plugin.newUser()
    await plugin.addAccount(lender, { shared: 1 })
    const poor = await plugin.newUser()
    const answer = await plugin.call('GET', '/v1/models', poor.api_key)
    expect([answer.status, typeof answer.body.error]).toEqual([500, 'string'])
  })

  it('refreshes the stored quotas of the account', async () => {
    const other = await plugin.newUser()
    const cookie = await plugin.addAccount(other)
    await plugin.control('/account', { cookie_id: cookie, live: { 'gemini-2.5-pro': 0.4 } })
    await plugin.call('GET', '/v1/models', other.api_key)
    await plugin.control('/config', { consumption: 0.1 })
    await plugin.chat(other, { model: 'gemini-2.5-pro', stream: false })
    await plugin.control('/config', { consumption: 0 })
    expect((await consumption(plugin, other))[0]?.quota_before).toBe('0.4000')
  })
})

describe('requests that cannot be served', () => {
  it('refuses missing messages with 400, and everything else wrong with 500', async () => {
    const plain = { stream: false }
    expect((await plugin.chat(user, { messages: undefined, ...plain })).status).toBe(400)
    for (const wrong of [
      { messages: 'hello' },
      { messages: [null] },
      { model: undefined },
      { model: 'gemini-2.5-pro-image', image_config: { image_size: '2K' } },
    ]) {
      const answer = await plugin.chat(user, { ...wrong, ...plain })
      expect([answer.status, typeof answer.body.error]).toEqual([500, 'string'])
    }
  })

  it('passes on that the upstream has no such model', async () => {
    const answer = await plugin.chat(user, { model: 'gpt-4o', stream: false })
    expect(answer.status).toBe(404)
    expect(answer.body.error).toContain('NOT_FOUND')
  })

  it('refuses input images over 5 MB', async () => {
    const picture = (bytes: number) =>
      asks([
        {
          type: 'image_url',
          image_url: { url: `data:image/png;base64,${'A'.repeat((bytes * 4) / 3)}` },
        },
        { type: 'text', text: 'look' },
      ])
    const limit = 5 * 1024 * 1024
    const fits = await plugin.chat(user, { ...picture(limit - 9), stream: false })
    expect(fits.body.choices[0]?.message.content).toBe('Hello! You said: look')
    const over = await plugin.chat(user, { ...picture(limit + 9), stream: false })
    expect([over.status, over.body.error]).toEqual([400, 'IMAGE_INPUT_EXCEEDED_MAXIMUM_5_MB'])
    const stream = await plugin.chat(user, picture(limit + 9))
    expect(streamed(stream.text)).toBe('\n\n错误: IMAGE_INPUT_EXCEEDED_MAXIMUM_5_MB')
  })

  it('tells no account and an empty pool apart by the text alone', async () => {
    const own = await start()
    const poor = await own.newUser()
    for (const stream of [true, false]) {
      const none = await own.chat(poor, { stream })
      expect([none.status, none.type]).toEqual([500, 'application/json; charset=utf-8'])
      expect(none.body.error).not.toContain('gemini-2.5-flash')
    }
    await own.addAccount(await own.newUser(), { shared: 1 })
    const empty = await own.chat(poor, { stream: true })
    expect(empty.status).toBe(500)
    expect(empty.body.error).toContain('gemini-2.5-flash')
  })
})
