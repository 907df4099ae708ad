import { constants, deflateRawSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { campaign } from '../../support/campaign.ts'
import { CHAT, usageRows } from '../../support/chat.ts'
import { plainFetch } from '../../support/plain-fetch.ts'
import { chunk, newUser as userOf } from '../../support/plain-server.ts'
import {
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../../support/scripted-server.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'
import { REFUSALS } from './refusal-rows.ts'

/** What further families of servers do: their own errors, finishes, counts, lists and framings. */

const KEEP_ALIVE_MS = 600
const HTTP_RUNS = campaign('PASS_THROUGH_HTTP_RUNS', { share: 40, full: 1_000 })
const AT_ONCE = 20
const JSON_TYPE = { 'content-type': 'application/json' }
const TEXT_TYPE = { 'content-type': 'text/plain' }
const STREAM_TYPE = { 'content-type': 'text/event-stream' }

let server: ScriptedServer
let worker: OwnWorker
const settingsOf = (url: string) => ({
  PLUGIN_API_DIALECT: 'openai',
  PLUGIN_API_BASE_URL: url,
  PLUGIN_API_ADMIN_KEY: '',
  UPSTREAM_API_KEY: 'sk-of-the-operator',
  UPSTREAM_IDLE_SECONDS: '10',
  STREAM_KEEPALIVE_SECONDS: String(KEEP_ALIVE_MS / 1000),
})

beforeAll(async () => {
  server = await startScriptedServer()
  worker = await workerWith(settingsOf(server.url))
}, 120_000)
afterAll(async () => {
  await worker?.close()
  await server?.close()
})

const newUser = () => userOf(worker.url)

interface Asked {
  key: string
  stream?: boolean
  model?: string
  baseUrl?: string
}

async function ask(script: Script, { key, stream = false, model = 'm', baseUrl }: Asked) {
  const marker = server.on(script)
  const response = await plainFetch((baseUrl ?? worker.url) + CHAT, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: marker }] }),
  })
  const { status, headers } = response
  return { status, headers, text: await response.text(), marker }
}

const SAID = chunk({ role: 'assistant', content: 'Blue' })
const STOP = chunk({}, 'stop')
const DONE = 'data: [DONE]\n\n'
const COUNTED = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }
const whole = (more: object, finish: string | null = 'stop') =>
  JSON.stringify({
    ...{ id: 'c', object: 'chat.completion', created: 1, model: 'm' },
    choices: [
      { index: 0, message: { role: 'assistant', content: 'Nine.' }, finish_reason: finish },
    ],
    ...more,
  })
const errorOf = (text: string) => (JSON.parse(text) as { error: Record<string, unknown> }).error
const withoutComments = (text: string) => text.replaceAll(/: (ping|keep-alive)\n\n/g, '')

describe('a refusal', () => {
  it.each(REFUSALS)('of %s says what it says', async (_, status, body, ours, message) => {
    const { key } = await newUser()
    for (const [stream, headers] of [
      [false, JSON_TYPE],
      [true, JSON_TYPE],
      [true, STREAM_TYPE],
      [true, TEXT_TYPE],
    ] as const) {
      const script = { status, pieces: [body], headers }
      const answer = await ask(script, { key, stream, model: 'acme/large' })
      expect(answer.status).toBe(ours)
      expect(errorOf(answer.text).message).toBe(message)
    }
  })

  it.each([
    ['data: {"error":"inputs too long","error_type":"validation"}\n\n', 400],
    ['data: {"error":{"message":"inputs too long","http_status_code":422}}\n\n', 400],
    ['event: error\ndata: {"reason":"inputs too long"}\n\n', 502],
  ])('as the first event has its status: %s', async (piece, status) => {
    const { key } = await newUser()
    const answer = await ask({ pieces: [piece] }, { key, stream: true })
    expect(answer.status).toBe(status)
    expect(errorOf(answer.text).message).toBe('inputs too long')
  })

  it.each(['-1', '60, 60', 'in 1 minute', '99999999999999999999'])(
    'that says to come back after "%s" says nothing',
    async (after) => {
      const { key } = await newUser()
      const headers = { ...JSON_TYPE, 'retry-after': after }
      const answer = await ask({ status: 429, pieces: ['{"message":"x"}'], headers }, { key })
      expect(answer.headers.get('retry-after')).toBeNull()
      expect(answer.headers.get('retry-after-ms')).toBeNull()
    },
  )
})

describe('an answer', () => {
  it.each(['insufficient_system_resource', 'network_error', 'abort', 'ERROR'])(
    'that ends with %s is none',
    async (finish) => {
      const { key, id } = await newUser()
      const streamed = await ask({ pieces: [SAID, chunk({}, finish)] }, { key, stream: true })
      expect(streamed.text.match(/"error":\{/g)).toHaveLength(1)
      expect(await ask({ pieces: [whole({}, finish)] }, { key })).toMatchObject({ status: 502 })
      for (const row of await usageRows(id, 2)) expect(row).toMatchObject({ status: 502 })
    },
  )

  it('that has finished is not kept open by comments', async () => {
    const { key, id } = await newUser()
    const pings = Array.from({ length: 100 }, () => [200, ': ping\n\n'] as const)
    const script: Script = { pieces: [SAID, STOP, ...pings], end: 'open' }
    const { text } = await ask(script, { key, stream: true })
    expect(withoutComments(text)).toBe(SAID + STOP + DONE)
    expect((await usageRows(id, 1))[0]).toMatchObject({ status: 200 })
  })

  it.each([TEXT_TYPE, STREAM_TYPE, { 'content-type': 'text/json' }, JSON_TYPE])(
    'may be called %j, and be whole or a stream',
    async (headers) => {
      const { key, id } = await newUser()
      const made = { pieces: [whole({ usage: COUNTED }, null)], headers }
      const streamed = await ask(made, { key, stream: true })
      expect(streamed.text).toContain('"delta":{"role":"assistant","content":"Nine."}')
      expect(streamed.text).toMatch(/"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/)
      const events = [': hello\n\n', SAID, STOP, DONE]
      const joined = await ask({ pieces: events, headers }, { key })
      expect(JSON.parse(joined.text)).toMatchObject({ choices: [{ message: { content: 'Blue' } }] })
      const passed = await ask({ pieces: events, headers }, { key, stream: true })
      expect(withoutComments(passed.text).replace(': hello\n\n', '')).toBe(SAID + STOP + DONE)
      for (const row of await usageRows(id, 3)) expect(row).toMatchObject({ status: 200 })
    },
  )
})

describe('usage', () => {
  it.each<[string, object, number, number, boolean]>([
    [
      'of a size that no call has',
      { prompt_tokens: 99_999_999_999, completion_tokens: 5 },
      11,
      5,
      true,
    ],
    [
      'of Anthropic, with what was cached apart',
      { input_tokens: 3, output_tokens: 5, cache_read_input_tokens: 1000 },
      ...([1003, 5, false] as const),
    ],
    [
      'of Gemini',
      { promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 20 },
      ...([7, 13, false] as const),
    ],
    ['of Cohere', { tokens: { input_tokens: 7, output_tokens: 5 } }, 7, 5, false],
    ['in fractions', { prompt_tokens: 7.5, completion_tokens: 5.5 }, 11, 2, true],
  ])('%s', async (_, usage, prompt, completion, estimated) => {
    const { key, id } = await newUser()
    await ask({ pieces: [whole({ usage })] }, { key })
    expect((await usageRows(id, 1))[0]).toMatchObject({
      ...{ prompt_tokens: prompt, completion_tokens: completion, estimated },
    })
  })
})

describe('a list of models', () => {
  it.each([
    ['{"object":"list","data":null}', []],
    ['["a","b"]', ['a', 'b']],
    ['{"models":[{"name":"command"}]}', ['command']],
    ['{"data":{"data":[{"id":"x"}]}}', ['x']],
    ['{"success":true,"message":"","data":[{"id":"x"}]}', ['x']],
  ])('%s is read', async (text, names) => {
    server.models = { pieces: [text] }
    const { key } = await newUser()
    const headers = { authorization: `Bearer ${key}` }
    const response = await plainFetch(`${worker.url}/v1/models`, { headers })
    const { data } = (await response.json()) as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toEqual(names)
  })
})

describe('a request', () => {
  const body = (marker: string) =>
    JSON.stringify({
      model: 'm',
      messages: [{ role: 'user', content: marker + ' blue sky'.repeat(5_000) }],
    })
  const checked = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }
  /** What decoders pass over. */
  const SKIPPED = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7])

  it.each<[string, string, (text: string) => Uint8Array]>([
    ['deflate without a header', 'deflate', (text) => deflateRawSync(text)],
    ['zstd', 'zstd', (text) => zstdCompressSync(text)],
    ['zstd with checksums', 'ZSTD', (text) => zstdCompressSync(text, checked)],
    [
      'zstd in several frames',
      'zstd',
      (text) =>
        Buffer.concat([
          SKIPPED,
          ...text.match(/.{1,9999}/g)!.map((part) => zstdCompressSync(part)),
        ]),
    ],
  ])('may come as %s', async (_, encoding, encode) => {
    const { key } = await newUser()
    const marker = server.on({ pieces: [whole({})] })
    const response = await plainFetch(worker.url + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-encoding': encoding },
      body: Uint8Array.from(encode(body(marker))),
    })
    expect(await response.text()).toContain('Nine.')
    expect(server.seen(marker)[0]?.body).toBe(body(marker))
  })

  it('in zstd may not ask for more memory in a later frame', async () => {
    const { key } = await newUser()
    const greedy = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 19 << 3, 1, 0, 0]
    const response = await plainFetch(worker.url + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-encoding': 'zstd' },
      body: Uint8Array.from([...zstdCompressSync('{"model":"m","messages":[]}'), ...greedy]),
    })
    expect(response.status).toBe(413)
  })

  it.each([
    '/api/v1/chat/completions',
    '/openai/v1/models',
    '/V1/models',
    '/embeddings',
    '/models/x',
  ])('at %s is told the right address, in a browser too', async (path) => {
    const response = await plainFetch(worker.url + path, {
      method: path.endsWith('s') && !path.endsWith('models') ? 'POST' : 'GET',
      headers: { origin: 'https://a.example' },
    })
    expect(response.status).toBe(404)
    expect(errorOf(await response.text()).message).toMatch(/Did you mean [A-Z]+ http\S+\/v1\//)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('goes where the address of a call says, though that has no version', async () => {
    await using there = await workerWith(settingsOf(`${server.url}/chat/completions`))
    const { key } = await newUser()
    const { marker } = await ask({ pieces: [whole({})] }, { key, baseUrl: there.url })
    expect(server.seen(marker)[0]?.url).toBe('/chat/completions')
  })
})

/** About as long as until a sign of life is due, or as the keep-alive; or none. */
const pause = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 0.9 * KEEP_ALIVE_MS - 4, max: 0.9 * KEEP_ALIVE_MS + 4 }),
  },
  { weight: 1, arbitrary: fc.integer({ min: KEEP_ALIVE_MS - 3, max: KEEP_ALIVE_MS + 3 }) },
)
const event = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 8 }).map((content) => chunk({ content })) },
  { weight: 1, arbitrary: fc.constant(': ping\n\n') },
)
const script = fc.record({
  pieces: fc.array(fc.tuple(pause, event, fc.nat()), { minLength: 1, maxLength: 5 }),
  end: fc.constantFrom<NonNullable<Script['end']>>('close', 'close', 'open'),
})

describe('a stream', () => {
  it(`is what the server sent, plus whole comments, in ${HTTP_RUNS} runs`, {
    timeout: 60_000 + HTTP_RUNS * 1_000,
  }, async () => {
    const { key } = await newUser()
    const scripts = fc.sample(script, HTTP_RUNS)
    for (let at = 0; at < HTTP_RUNS; at += AT_ONCE) {
      const batch = scripts.slice(at, at + AT_ONCE)
      const played = batch.map(async ({ pieces, end }) => {
        const cut = pieces.flatMap(([pauseMs, text, place]) => {
          const half = place % text.length
          return [[pauseMs, text.slice(0, half)] as const, text.slice(half)]
        })
        const { text } = await ask(
          { pieces: [SAID, ...cut, STOP, DONE], end },
          { key, stream: true },
        )
        const sent = SAID + pieces.map(([, said]) => said).join('') + STOP + DONE
        // A comment of the server's may be left out in favour of ours.
        expect(withoutComments(text)).toBe(withoutComments(sent))
      })
      await Promise.all(played)
    }
  })
})
