import { beforeAll, describe, expect, it } from 'vitest'
import {
  chunks,
  consumption,
  events,
  start,
  streamed,
  type TestPlugin,
  type TestUser,
} from './support.ts'

let plugin: TestPlugin
let user: TestUser
beforeAll(async () => {
  plugin = await start()
  user = await plugin.newUser()
  await plugin.control('/config', { consumption: 0 })
  await plugin.addAccount(user)
})

const WEATHER = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
    },
  },
}

function asks(content: unknown, more: object = {}) {
  return { messages: [{ role: 'user', content }], ...more }
}

describe('a stream', () => {
  it('is what the service sends, byte for byte in its frame', async () => {
    const answer = await plugin.chat(user, asks('grüße 你好 there', { stream: true }))
    expect(answer.status).toBe(200)
    expect(answer.type).toBe('text/event-stream')
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    const data = events(answer.text)
    expect(data.at(-1)).toBe('[DONE]')
    expect(data.filter((event) => event === '[DONE]')).toHaveLength(1)

    const list = chunks(answer.text)
    expect(new Set(list.map((chunk) => chunk.id)).size).toBe(1)
    expect(list[0]?.id).toMatch(/^chatcmpl-\d{13}$/)
    expect(list.every((chunk) => chunk.object === 'chat.completion.chunk')).toBe(true)
    expect(list.every((chunk) => chunk.model === 'gemini-2.5-flash')).toBe(true)
    expect(list.map((chunk) => chunk.choices[0]?.delta)).toEqual([
      ...['Hello!', ' You', ' said:', ' grüße', ' 你好', ' there'].map((content) => ({ content })),
      {},
    ])
    expect(list.map((chunk) => chunk.choices[0]?.finish_reason)).toEqual([
      ...Array(6).fill(null),
      'stop',
    ])
    // Usage is in the finish chunk, always, and only there.
    expect(list.map((chunk) => chunk.usage !== undefined)).toEqual([...Array(6).fill(false), true])
    const usage = list.at(-1)?.usage
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0))
  })

  it('is the default', async () => {
    expect((await plugin.chat(user)).type).toBe('text/event-stream')
    expect((await plugin.chat(user, { stream: false })).type).toContain('application/json')
  })

  it('lets thinking models think first, except after a tool result', async () => {
    const question = asks('why', { model: 'claude-sonnet-4-5-thinking' })
    const deltas = chunks((await plugin.chat(user, question)).text).map(
      (chunk) => chunk.choices[0]?.delta ?? {},
    )
    const firstContent = deltas.findIndex((delta) => delta.content !== undefined)
    expect(firstContent).toBeGreaterThan(2)
    expect(deltas.slice(0, firstContent).every((delta) => delta.reasoning_content)).toBe(true)
    expect(deltas.slice(firstContent).some((delta) => delta.reasoning_content)).toBe(false)

    const after = await plugin.chat(user, {
      model: 'claude-sonnet-4-5-thinking',
      messages: [
        { role: 'user', content: 'why' },
        { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
      ],
    })
    expect(after.text).not.toContain('reasoning_content')
    expect(streamed(after.text)).toBe('The tool answered: rain')
  })

  it('sends tool calls whole, without an index', async () => {
    const body = asks('please call get_weather {"city":"Oslo {x}"} and call get_weather', {
      tools: [WEATHER],
      model: 'gemini-3-pro-high',
    })
    const list = chunks((await plugin.chat(user, body)).text)
    const calls = list.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
    expect(calls).toEqual([
      {
        id: expect.stringMatching(/^call_/),
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"Oslo {x}"}' },
        extra_content: { google: { thought_signature: expect.any(String) } },
      },
      expect.objectContaining({
        function: { name: 'get_weather', arguments: '{"city":"example","days":1}' },
      }),
    ])
    expect(list.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls')
    expect(list.at(-1)?.usage).toBeDefined()
  })

  it('can leave tool call ids out, and calls nothing unasked', async () => {
    await plugin.control('/config', { chat: { toolCallIds: false } })
    const answer = await plugin.chat(user, asks('call get_weather', { tools: [WEATHER] }))
    await plugin.control('/config', { chat: { toolCallIds: true } })
    const [call] = chunks(answer.text)[0]?.choices[0]?.delta.tool_calls ?? []
    expect(call && Object.keys(call)).toEqual(['type', 'function'])
    const unasked = await plugin.chat(user, asks('get_weather', { tools: [WEATHER] }))
    expect(unasked.text).not.toContain('tool_calls')
  })

  it('brings images as Markdown at the end of the content', async () => {
    const answer = await plugin.chat(user, asks('a cat', { model: 'gemini-3-pro-image' }))
    const list = chunks(answer.text)
    const image = /^\n\n!\[image\]\(data:image\/png;base64,(.+)\)$/.exec(
      list.at(-2)?.choices[0]?.delta.content ?? '',
    )
    expect(
      Buffer.from(image?.[1] ?? '', 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    // The estimate includes the base64.
    expect(list.at(-1)?.usage?.completion_tokens).toBeGreaterThan((image?.[1]?.length ?? 0) / 4)
  })

  it('loses white space only when told to', async () => {
    await plugin.control('/config', { chat: { whitespaceLoss: true } })
    const lossy = await plugin.chat(user)
    await plugin.control('/config', { chat: { whitespaceLoss: false } })
    expect(streamed(lossy.text)).toBe('Hello!Yousaid:goodmorning')
    expect(streamed((await plugin.chat(user)).text)).toBe('Hello! You said: good morning')
  })

  it('finishes late: the ledger is written before the finish chunk', async () => {
    const other = await plugin.newUser()
    await plugin.addAccount(other)
    await plugin.control('/config', { consumption: 0.01, chat: { finishDelayMs: 200 } })
    const response = await plugin.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${other.api_key}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ model: 'gemini-2.5-flash', ...asks('x') }),
    })
    let contentAt = 0
    let finishAt = 0
    for await (const bytes of response.body ?? []) {
      const text = Buffer.from(bytes).toString()
      if (text.includes('"content"')) contentAt = performance.now()
      if (text.includes('"stop"')) {
        finishAt = performance.now()
        expect(await consumption(plugin, other)).toHaveLength(1)
      }
    }
    await plugin.control('/config', { consumption: 0, chat: { finishDelayMs: 0 } })
    expect(finishAt - contentAt).toBeGreaterThan(150)
  })

  it('keeps the configured pace and number of events', async () => {
    await plugin.control('/config', { chat: { events: 20, eventDelayMs: 10 } })
    const began = performance.now()
    const answer = await plugin.chat(user)
    const took = performance.now() - began
    await plugin.control('/config', { chat: { events: null, eventDelayMs: 0 } })
    expect(chunks(answer.text)).toHaveLength(21)
    expect(took).toBeGreaterThan(180)
  })

  it('goes on and charges when the client leaves', async () => {
    const other = await plugin.newUser()
    await plugin.addAccount(other)
    await plugin.control('/config', { consumption: 0.01, chat: { events: 60, eventDelayMs: 10 } })
    const leaving = new AbortController()
    const response = await plugin.fetch('/v1/chat/completions', {
      method: 'POST',
      signal: leaving.signal,
      headers: { Authorization: `Bearer ${other.api_key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: 'gemini-2.5-flash', ...asks('x') }),
    })
    await response.body?.getReader().read()
    leaving.abort()
    const latest = async () => {
      const { body } = await plugin.control('/requests?after=0')
      const chats = (body.requests as { path: string; headers: Record<string, string> }[]).filter(
        (request) => request.headers.authorization === `Bearer ${other.api_key}`,
      )
      return chats.find((request) => request.path === '/v1/chat/completions')
    }
    await expect.poll(latest).toMatchObject({ aborted: true, finished: false })
    expect(await consumption(plugin, other)).toHaveLength(0)
    await expect.poll(latest, { timeout: 5_000 }).toMatchObject({ finished: true })
    await plugin.control('/config', { consumption: 0, chat: { events: null, eventDelayMs: 0 } })
    expect(await latest()).toMatchObject({ aborted: true, finished: true })
    expect(await consumption(plugin, other)).toHaveLength(1)
  })
})

describe('a plain answer', () => {
  it('is equivalent to the stream', async () => {
    const body = asks('why', { model: 'gemini-2.5-pro' })
    const stream = chunks((await plugin.chat(user, body)).text)
    const plain = await plugin.chat(user, { ...body, stream: false })
    const joined = (name: 'content' | 'reasoning_content') =>
      stream.map((chunk) => chunk.choices[0]?.delta[name] ?? '').join('')
    expect(plain.body).toEqual({
      id: expect.stringMatching(/^chatcmpl-\d{13}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'gemini-2.5-pro',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: joined('content'),
            reasoning_content: joined('reasoning_content'),
          },
          finish_reason: 'stop',
        },
      ],
      usage: stream.at(-1)?.usage,
    })
  })

  it('carries tool calls', async () => {
    const answer = await plugin.chat(
      user,
      asks('call get_weather', { tools: [WEATHER], stream: false }),
    )
    expect(answer.body.choices[0]).toMatchObject({
      message: { content: '', tool_calls: [{ function: { name: 'get_weather' } }] },
      finish_reason: 'tool_calls',
    })
  })

  it('repeats a long prompt only in part', async () => {
    const answer = await plugin.chat(user, asks('é'.repeat(100_000), { stream: false }))
    expect(answer.body.choices[0]?.message.content).toBe(`Hello! You said: ${'é'.repeat(400)}…`)
  })
})
