import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHAT, usageRows } from '../../support/chat.ts'
import { plainFetch } from '../../support/plain-fetch.ts'
import { newUser as userOf } from '../../support/plain-server.ts'
import {
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../../support/scripted-server.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const KEEP_ALIVE_MS = 600
let server: ScriptedServer
let worker: OwnWorker
let exact: OwnWorker
const settingsOf = (url: string) => ({
  PLUGIN_API_DIALECT: 'openai',
  PLUGIN_API_BASE_URL: url,
  PLUGIN_API_ADMIN_KEY: '',
  UPSTREAM_API_KEY: 'sk-of-the-operator',
  UPSTREAM_FIRST_BYTE_SECONDS: '5',
  UPSTREAM_IDLE_SECONDS: '5',
  STREAM_KEEPALIVE_SECONDS: String(KEEP_ALIVE_MS / 1000),
})

beforeAll(async () => {
  server = await startScriptedServer()
  worker = await workerWith(settingsOf(server.url))
  exact = await workerWith({ ...settingsOf(server.url), UPSTREAM_STREAM_USAGE: 'always' })
}, 120_000)
afterAll(async () => {
  await worker?.close()
  await exact?.close()
  await server?.close()
})

/** Registered where nobody asks the plug-in, which would say what they may draw. */
const newUser = () => userOf(worker.url)

interface Asked {
  key: string
  stream?: boolean
  extra?: object
  baseUrl?: string
}

async function ask(script: Script, { key, stream = false, extra, baseUrl }: Asked) {
  const marker = server.on(script)
  const startedAt = performance.now()
  const response = await plainFetch((baseUrl ?? worker.url) + CHAT, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'm',
      stream,
      messages: [{ role: 'user', content: marker }],
      ...extra,
    }),
  })
  const text = await response.text()
  const tookMs = performance.now() - startedAt
  return { status: response.status, headers: response.headers, text, tookMs, marker }
}

const event = (delta: object, finish: string | null = null, index = 0) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index, delta, finish_reason: finish }] })}\n\n`
const usage = (counted: object) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: counted })}\n\n`
const COUNTED = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }
const SAID = event({ role: 'assistant', content: 'Blue' })
const STOP = event({}, 'stop')
const DONE = 'data: [DONE]\n\n'
const whole = (more: object) =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'Nine tokens.' }, finish_reason: 'stop' },
    ],
    ...more,
  })
const withoutComments = (text: string) => text.replaceAll(/: [a-z-]+\n\n/g, '')
const errorOf = (text: string) => (JSON.parse(text) as { error: Record<string, unknown> }).error

describe('a stream', () => {
  it.each([0, 1, 2, 5])('survives a heartbeat as long as ours, %i ms more', async (more) => {
    const { key, id } = await newUser()
    const beats = Array.from({ length: 3 }, () => [KEEP_ALIVE_MS + more, ': ping\n\n'] as const)
    const pieces = [SAID, ...beats, [KEEP_ALIVE_MS + more, event({ content: ' sky' })] as const]
    const { text } = await ask({ pieces: [...pieces, STOP, DONE] }, { key, stream: true })
    expect(withoutComments(text)).toBe(SAID + event({ content: ' sky' }) + STOP + DONE)
    expect((await usageRows(id, 1))[0]).toMatchObject({ status: 200 })
  })

  it.each([
    ['[DONE]', [SAID, STOP, usage(COUNTED), DONE]],
    ['[DONE] in one piece', [SAID + STOP + usage(COUNTED) + DONE]],
  ])('ends with %s, whatever its connection does', async (_, pieces) => {
    const { key, id } = await newUser()
    const { text, tookMs } = await ask(
      { pieces, end: 'open' },
      { key, stream: true, extra: { stream_options: { include_usage: true } } },
    )
    expect(text).toBe(pieces.join(''))
    expect(tookMs).toBeLessThan(2_500)
    expect((await usageRows(id, 1))[0]).toMatchObject({
      status: 200,
      prompt_tokens: 7,
      completion_tokens: 5,
    })
  })

  it('ends when the model has finished, though neither [DONE] comes nor the end', async () => {
    const { key, id } = await newUser()
    const { text } = await ask({ pieces: [SAID, STOP], end: 'open' }, { key, stream: true })
    expect(withoutComments(text)).toBe(SAID + STOP + DONE)
    expect((await usageRows(id, 1))[0]).toMatchObject({ status: 200 })
  })

  it('does not live on comments alone', async () => {
    const { key, id } = await newUser()
    const pieces = [SAID, ...Array.from({ length: 40 }, () => [200, ': ping\n\n'] as const)]
    const { text } = await ask({ pieces, end: 'open' }, { key, stream: true })
    expect(text).toMatch(/"upstream_timeout"[^\n]*\n\n$/)
    expect((await usageRows(id, 1))[0]).toMatchObject({ status: 504 })
  })

  it('gets signs of life after an event whose blank line came late', async () => {
    const { key } = await newUser()
    const late = event({ content: ' sky' })
    const pieces = [SAID, [400, late.slice(0, -1)], [30, '\n'], [2_500, STOP], DONE] as const
    const { text } = await ask({ pieces }, { key, stream: true })
    expect(text.match(/^: keep-alive$/gm)?.length).toBeGreaterThanOrEqual(2)
    expect(text.replaceAll(': keep-alive\n\n', '')).toBe(SAID + late + STOP + DONE)
  })

  it.each<[string, Script]>([
    [
      'one of two choices, and a reset',
      { pieces: [SAID, event({ content: 'b' }, null, 1), STOP], end: 'reset' },
    ],
    ['one of two choices', { pieces: [SAID, event({ content: 'b' }, null, 1), STOP] }],
    [
      'a finish in every piece, and a reset',
      {
        pieces: [event({ content: 'a' }, 'stop'), [50, event({ content: 'b' }, 'stop')]],
        end: 'reset',
      },
    ],
    ['an error for a finish', { pieces: [SAID, event({}, 'error'), DONE] }],
    ['an error event', { pieces: [SAID, 'event: error\ndata: {"message":"overloaded"}\n\n'] }],
  ])('that is half is no success: %s', async (_, script) => {
    const { key, id } = await newUser()
    const { text } = await ask(script, { key, stream: true })
    expect(text.match(/"error":\{/g)).toHaveLength(1)
    expect((await usageRows(id, 1))[0]).toMatchObject({ status: 502 })
  })

  it.each<[string, Script, number]>([
    ['[DONE] alone', { pieces: [DONE] }, 502],
    [
      'an error event first',
      {
        pieces: [
          'event: error\ndata: {"object":"error","message":"The model is overloaded","code":503}\n\n',
          DONE,
        ],
      },
      502,
    ],
    [
      'a client’s error in a 200',
      {
        pieces: [
          '{"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}',
        ],
      },
      400,
    ],
  ])('that says nothing has its status: %s', async (_, script, status) => {
    const { key, id } = await newUser()
    expect(await ask(script, { key, stream: true })).toMatchObject({ status })
    expect((await usageRows(id, 1))[0]).toMatchObject({ status, prompt_tokens: null })
  })

  it('passes a late error event on once', async () => {
    const { key } = await newUser()
    const error = 'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n'
    const { text } = await ask({ pieces: [SAID, ': ping\n\n', [50, error]] }, { key, stream: true })
    expect(text.match(/"error":\{/g)).toHaveLength(1)
  })

  it('is made of a whole answer, and a whole answer of a stream', async () => {
    const { key, id } = await newUser()
    const streamed = await ask({ pieces: [whole({ usage: COUNTED })] }, { key, stream: true })
    expect(streamed.headers.get('content-type')).toContain('text/event-stream')
    expect(streamed.text).toContain('"delta":{"role":"assistant","content":"Nine tokens."}')
    expect(streamed.text).toMatch(/data: \[DONE\]\n\n$/)
    const joined = await ask(
      { pieces: [SAID, event({ content: ' sky' }), STOP, usage(COUNTED), DONE] },
      { key },
    )
    expect(JSON.parse(joined.text)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: 'Blue sky' }, finish_reason: 'stop' }],
      usage: COUNTED,
    })
    for (const row of await usageRows(id, 2)) {
      expect(row).toMatchObject({ status: 200, prompt_tokens: 7, completion_tokens: 5 })
    }
  })

  it('keeps the digits of numbers where we ask for its usage', async () => {
    const { key } = await newUser()
    const long = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","x":12345678901234567890,"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}],"usage":null}\n\n`
    const marker = server.on({ pieces: [long, STOP, DONE] })
    const response = await plainFetch(exact.url + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: `{"model":"m","stream":true,"seed":12345678901234567890,"messages":[{"role":"user","content":"${marker}"}]}`,
    })
    expect(await response.text()).toContain('"x":12345678901234567890')
    expect(server.seen(marker)[0]?.body).toContain('"seed":12345678901234567890')
    expect(server.seen(marker)[0]?.body).toContain('"stream_options":{"include_usage":true}')
  })
})

describe('a refusal', () => {
  it.each([
    [
      400,
      '{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}',
      400,
      'too long',
    ],
    [422, '{"detail":[{"loc":["body","n"],"msg":"too many","type":"x"}]}', 400, 'body.n: too many'],
    [
      400,
      '[{"error":{"code":400,"message":"no turn","status":"INVALID_ARGUMENT"}}]',
      400,
      'no turn',
    ],
    [400, '{"code":"InvalidParameter","message":"bad","request_id":"r"}', 400, 'bad'],
    [400, '{"errors":[{"message":"one"},{"message":"two"}]}', 400, 'one; two'],
    [
      404,
      '{"error":{"message":"The model `m` does not exist","code":"model_not_found"}}',
      404,
      'does not exist',
    ],
    [404, '{"status":404,"error":"Not Found","path":"/v1/chat/completions"}', 502, 'configured'],
    [402, '{"error":{"message":"Insufficient Balance"}}', 429, 'Insufficient Balance'],
    [403, '{"error":{"message":"bad key sk-123"}}', 502, 'key of this service'],
    [409, '{"message":"busy"}', 409, 'busy'],
    [413, '{"message":"large"}', 413, 'large'],
    [451, '{"message":"law"}', 400, 'law'],
    [
      529,
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      502,
      'Overloaded',
    ],
    [400, '<html>no</html>', 400, 'status 400'],
  ])('of %i %s is %i', async (status, body, ours, message) => {
    const { key } = await newUser()
    for (const stream of [false, true]) {
      const answer = await ask(
        { status, pieces: [body], headers: { 'content-type': 'application/json' } },
        { key, stream },
      )
      expect(answer.status).toBe(ours)
      expect(errorOf(answer.text).message).toContain(message)
    }
  })

  it.each<[number, Record<string, string>, string | null, string | null]>([
    [429, { 'retry-after-ms': '1200' }, '2', '1200'],
    [429, { 'retry-after': '0' }, '0', '0'],
    [503, { 'retry-after': '7' }, '7', null],
    [529, { 'retry-after': '9' }, '9', null],
    [429, {}, null, null],
  ])('of %i with %j says when to come back', async (status, headers, after, milliseconds) => {
    const { key } = await newUser()
    const body = '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}'
    const answer = await ask({ status, pieces: [body], headers }, { key })
    expect(answer.headers.get('retry-after')).toBe(after)
    expect(answer.headers.get('retry-after-ms')).toBe(milliseconds)
  })

  it('takes a date and x-should-retry', async () => {
    const { key } = await newUser()
    const headers = {
      'retry-after': new Date(Date.now() + 20_000).toUTCString(),
      'x-should-retry': 'false',
    }
    const answer = await ask({ status: 429, pieces: ['{"message":"x"}'], headers }, { key })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(10)
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(20)
    expect(answer.headers.get('x-should-retry')).toBe('false')
  })

  it('that is hopeless says so', async () => {
    const { key } = await newUser()
    const body =
      '{"error":{"message":"no money","type":"insufficient_quota","code":"insufficient_quota"}}'
    const answer = await ask({ status: 429, pieces: [body] }, { key })
    expect(errorOf(answer.text)).toMatchObject({ code: 'insufficient_quota', message: 'no money' })
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(answer.headers.get('retry-after')).toBeNull()
  })
})

describe('usage', () => {
  it.each([
    [
      'reasoning apart',
      {
        prompt_tokens: 32,
        completion_tokens: 9,
        total_tokens: 1041,
        completion_tokens_details: { reasoning_tokens: 1000 },
      },
      32,
      1009,
      false,
    ],
    ['other names', { input_tokens: 4, output_tokens: 2 }, 4, 2, false],
    ['zeros', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, 11, 3, true],
    ['half of it', { prompt_tokens: 9 }, 9, 3, true],
  ])(
    'is plausible, or estimated and marked: %s',
    async (_, counted, prompt, completion, estimated) => {
      const { key, id } = await newUser()
      await ask({ pieces: [whole({ usage: counted })] }, { key })
      expect((await usageRows(id, 1))[0]).toMatchObject({
        prompt_tokens: prompt,
        completion_tokens: completion,
        estimated,
      })
    },
  )

  it.each([
    [
      'zeros at the end',
      [SAID, STOP, usage(COUNTED), usage({ prompt_tokens: 0, completion_tokens: 0 }), DONE],
    ],
    [
      'x_groq',
      [
        SAID,
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], x_groq: { usage: COUNTED } })}\n\n`,
        DONE,
      ],
    ],
    [
      'a choice',
      [
        SAID,
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: COUNTED }] })}\n\n`,
        DONE,
      ],
    ],
  ])('of a stream is found: %s', async (_, pieces) => {
    const { key, id } = await newUser()
    await ask({ pieces }, { key, stream: true })
    expect((await usageRows(id, 1))[0]).toMatchObject({
      prompt_tokens: 7,
      completion_tokens: 5,
      estimated: false,
    })
  })
})

describe('a request', () => {
  const send = async (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
    path = CHAT,
  ) => {
    const { key } = await newUser()
    const response = await plainFetch(worker.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body,
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const rest = `"messages":[{"role":"user","content":"x"}]`

  it.each([
    `{"model":"cheap","Model":"expensive",${rest}}`,
    `{"model":"expensive","model":"cheap",${rest}}`,
    `{"model":"cheap","mod\\u0065l":"expensive",${rest}}`,
    `{"model":"cheap","stream":false,"Stream":true,${rest}}`,
    `{"model":"cheap","stream":false,"ſtream":true,${rest}}`,
  ])('means one thing to everybody: %s', async (body) => {
    const { status, text } = await send(body)
    expect(status).toBe(400)
    expect(errorOf(text).code).toBe('invalid_request')
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ] as const)('may be compressed: %s', async (encoding, encode) => {
    const marker = server.on({ pieces: [whole({ usage: COUNTED })] })
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: marker }] })
    const { status } = await send(Uint8Array.from(encode(body)), { 'content-encoding': encoding })
    expect(status).toBe(200)
    expect(server.seen(marker)[0]?.body).toBe(body)
  })

  it('in zstd is decoded, as far as its sizes are sane', async () => {
    // `zstd -c` of {"model":"m","messages":[]}, in one segment of raw bytes.
    const json = new TextEncoder().encode('{"model":"m","messages":[]}')
    const frame = Uint8Array.from([
      ...[0x28, 0xb5, 0x2f, 0xfd, 0x20, json.length],
      ...[((json.length << 3) | 1) & 0xff, (json.length << 3) >> 8, 0],
      ...json,
    ])
    const { status, text } = await send(frame, { 'content-encoding': 'zstd' })
    expect({ status, message: errorOf(text).message }).toMatchObject({ status: 400 })
    expect(errorOf(text).param).toBe('messages')
    const bomb = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 0, 0])
    expect(await send(bomb, { 'content-encoding': 'zstd' })).toMatchObject({ status: 413 })
  })

  it('in an encoding that nobody here reads gets 415, and what unfolds too far 413', async () => {
    const refused = await send(Uint8Array.from(brotliCompressSync('{}')), {
      'content-encoding': 'br',
    })
    expect(refused.status).toBe(415)
    expect(errorOf(refused.text).code).toBe('unsupported_media_type')
    expect(errorOf(refused.text).message).toContain('"br"')
    expect(refused.headers.get('accept-encoding')).toContain('gzip')
    const bomb = Uint8Array.from(gzipSync(Buffer.alloc(60 * 1024 * 1024)))
    expect(await send(bomb, { 'content-encoding': 'gzip' })).toMatchObject({ status: 413 })
    expect(await send('nonsense', { 'content-encoding': 'gzip' })).toMatchObject({ status: 400 })
  })

  it('may begin with a byte order mark, which goes no further', async () => {
    const marker = server.on({ pieces: [whole({})] })
    const body = `{"model":"m","messages":[{"role":"user","content":"${marker}"}]}`
    expect(await send(`\ufeff${body}`)).toMatchObject({ status: 200 })
    expect(server.seen(marker)[0]?.body).toBe(body)
  })

  it.each(['//v1/chat/completions', '/chat/completions', '/models'])(
    'at %s is told the right address, in a browser too',
    async (path) => {
      const { status, headers, text } = await send('{}', { origin: 'https://a.example' }, path)
      expect(status).toBe(404)
      expect(errorOf(text).message).toMatch(/\/v1/)
      expect(headers.get('access-control-allow-origin')).toBe('*')
    },
  )
})

describe('where a server lives', () => {
  it.each([
    ['/api/paas/v4', '/api/paas/v4/chat/completions'],
    ['/v1beta/openai/', '/v1beta/openai/chat/completions'],
    ['/v1', '/v1/chat/completions'],
    ['/v1/chat/completions', '/v1/chat/completions'],
    [
      '/openai/deployments/d?api-version=2024-10-21',
      '/openai/deployments/d/chat/completions?api-version=2024-10-21',
    ],
  ])('%s', async (path, asked) => {
    await using there = await workerWith(settingsOf(server.url + path))
    const { key } = await newUser()
    const { status, marker } = await ask({ pieces: [whole({})] }, { key, baseUrl: there.url })
    expect(status).toBe(200)
    expect(server.seen(marker)[0]?.url).toBe(asked)
  })

  it('lists its models however it lists them', async () => {
    server.models = {
      pieces: [
        '[{"id":"a/b","created":1764000000,"context_length":8192},{"id":"c"},{"id":"c"},{"name":"bad"},null]',
      ],
    }
    const { key } = await newUser()
    const response = await fetch(`${worker.url}/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const { data } = (await response.json()) as { data: { id: string }[] }
    expect(data).toMatchObject([{ id: 'a/b', context_length: 8192 }, { id: 'c' }])
    expect(data).toHaveLength(2)
  })
})
