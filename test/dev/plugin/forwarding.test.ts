import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  chunks,
  consumption,
  events,
  start,
  streamed,
  type TestPlugin,
  type TestUser,
} from './support.ts'

type Answering = (response: ServerResponse) => void

let server: Server
let plugin: TestPlugin
let user: TestUser
/** What the fake upstream got last. */
let received: { path: string; key: string | undefined; body: Record<string, unknown> }
let answer: Answering

beforeAll(async () => {
  server = createServer((request: IncomingMessage, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  plugin = await start({
    upstreamBaseUrl: `http://127.0.0.1:${port}/v1/`,
    upstreamApiKey: 'secret',
  })
  user = await plugin.newUser()
  await plugin.addAccount(user)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  if (request.url === '/v1/models') {
    json(200, { object: 'list', data: [{ id: 'llama-7b' }, { id: 'llama-70b' }] })(response)
    return
  }
  received = {
    path: request.url ?? '',
    key: request.headers.authorization,
    body: JSON.parse(text),
  }
  answer(response)
}

function json(status: number, body: unknown): Answering {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(body))
  }
}

function sse(list: unknown[], ending: 'done' | 'end' | 'reset' = 'done'): Answering {
  return (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write(': keep-alive\n\n')
    for (const event of list) response.write(`data: ${JSON.stringify(event)}\n\n`)
    if (ending === 'done') response.write('data: [DONE]\n\n')
    if (ending === 'reset') setTimeout(() => response.destroy(), 20)
    else response.end()
  }
}

function delta(content: object, finish: string | null = null) {
  return { id: 'x', choices: [{ index: 0, delta: content, finish_reason: finish }] }
}

const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }

function ask(more: object = {}) {
  return plugin.chat(user, { model: 'llama-7b', ...more })
}

describe('forwarding', () => {
  it('serves the models of the other server, with quotas for them', async () => {
    const models = await plugin.call('GET', '/v1/models', user.api_key)
    expect(models.body.data.map((model) => model.id)).toEqual(['llama-7b', 'llama-70b'])
  })

  it('translates a stream into the shape of the service', async () => {
    answer = sse([
      delta({ role: 'assistant', content: '' }),
      delta({ reasoning_content: 'hm' }),
      delta({ content: 'Hi' }),
      delta({ content: ' you' }),
      delta({}, 'length'),
      { id: 'x', choices: [], usage: USAGE },
    ])
    const got = await ask({ temperature: 0.5, seed: 3, max_tokens: null })
    expect(received).toEqual({
      path: '/v1/chat/completions',
      key: 'Bearer secret',
      body: {
        model: 'llama-7b',
        messages: [{ role: 'user', content: 'good morning' }],
        temperature: 0.5,
        stream: true,
        stream_options: { include_usage: true },
      },
    })
    expect(events(got.text).at(-1)).toBe('[DONE]')
    const list = chunks(got.text)
    expect(list.map((chunk) => chunk.choices[0]?.delta)).toEqual([
      { reasoning_content: 'hm' },
      { content: 'Hi' },
      { content: ' you' },
      {},
    ])
    expect(list.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: USAGE })
    expect(await consumption(plugin, user)).toHaveLength(1)
  })

  it('puts tool calls together', async () => {
    const piece = (index: number, more: object) => delta({ tool_calls: [{ index, ...more }] })
    answer = sse([
      piece(0, { id: 'call_1', type: 'function', function: { name: 'look', arguments: '' } }),
      piece(0, { function: { arguments: '{"a"' } }),
      piece(1, { id: 'call_2', type: 'function', function: { name: 'run', arguments: '{}' } }),
      piece(0, { function: { arguments: ':1}' } }),
      delta({}, 'tool_calls'),
    ])
    const list = chunks((await ask()).text)
    expect(list).toHaveLength(2)
    expect(list[0]?.choices[0]?.delta).toEqual({
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"a":1}' } },
        { id: 'call_2', type: 'function', function: { name: 'run', arguments: '{}' } },
      ],
    })
    expect(list[1]?.choices[0]?.finish_reason).toBe('tool_calls')
    expect(list[1]?.usage).toBeDefined()
  })

  it('translates a plain answer, and says explicitly that it wants one', async () => {
    answer = json(200, {
      id: 'x',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      usage: USAGE,
    })
    const got = await ask({
      stream: false,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image_url', image_url: { url: 'https://example.test/a.png' } },
          ],
        },
      ],
    })
    expect(received.body.stream).toBe(false)
    // Image addresses that are no data URLs are dropped.
    expect(received.body.messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'look' }] },
    ])
    expect(got.body).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-\d+$/),
      choices: [{ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      usage: USAGE,
    })
  })

  it('turns errors into what the service makes of them', async () => {
    answer = json(401, { error: { message: 'bad key' } })
    const unauthorized = await ask({ stream: false })
    expect([unauthorized.status, unauthorized.body.error]).toEqual([
      401,
      '{"error":{"message":"bad key"}}',
    ])
    expect(streamed((await ask()).text)).toBe('\n\n错误: {"error":{"message":"bad key"}}')
    answer = json(429, { error: { message: 'slow down' } })
    const limited = await ask({ stream: false })
    expect([limited.status, limited.body.choices[0]?.message.content]).toEqual([
      200,
      'RESOURCE_EXHAUSTED',
    ])
  })

  it('notices that a stream broke off', async () => {
    for (const ending of ['end', 'reset'] as const) {
      answer = sse([delta({ content: 'Hi' })], ending)
      const got = await ask()
      expect(streamed(got.text)).toBe('Hi\n\n错误: terminated')
      expect(chunks(got.text).some((chunk) => chunk.usage)).toBe(false)
    }
  })

  it('does not wait for the other server when it closes', async () => {
    const { port } = server.address() as AddressInfo
    const own = await start({ upstreamBaseUrl: `http://127.0.0.1:${port}/v1` })
    const someone = await own.newUser()
    await own.addAccount(someone)
    const asked = new Promise<void>((resolve) => {
      answer = () => resolve()
    })
    const lost = own.chat(someone, { model: 'llama-7b' }).catch(() => 'lost')
    await asked
    await own.close()
    expect(await lost).toBe('lost')
  }, 5_000)

  it('answers 500 when the other server cannot be reached', async () => {
    answer = (response) => response.destroy()
    const got = await ask({ stream: false })
    expect([got.status, got.body.error]).toEqual([500, 'fetch failed'])
  })
})
