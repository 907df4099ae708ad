import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPersonOf } from '../../support/admin.ts'
import { usageRows } from '../../support/chat.ts'
import { type NativeServer, nativeEvents, startNativeServer } from '../../support/native-server.ts'
import { plainFetch } from '../../support/plain-fetch.ts'
import { newUser, plainServer } from '../../support/plain-server.ts'
import { call, type TestPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

let server: NativeServer
/** Finds out what the server has. */
let worker: OwnWorker
let person: TestPerson & { key: string }
beforeAll(async () => {
  server = await startNativeServer()
  worker = await workerWith(plainServer(server.url, { UPSTREAM_SERVES: '' }))
  person = await newUser(worker.url)
})
afterAll(async () => {
  await worker?.close()
  await server?.close()
})

async function post(
  path: string,
  body: string | FormData,
  { key = person.key, headers = {}, baseUrl = worker.url } = {},
) {
  const response = await plainFetch(baseUrl + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(typeof body === 'string' && { 'content-type': 'application/json' }),
      ...headers,
    },
    body,
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
const lastSeen = (path: string) =>
  server.seen.findLast((each) => each.path === path && each.body.length > 2)

describe.each([
  // With a blank and an order that no writer would make.
  ['/v1/responses', '{"input" :"Hi","model":"m","previous_response_id":"resp_1"}'],
  ['/v1/messages', '{"max_tokens" :20,"model":"m","messages":[{"role":"user","content":"Hi"}]}'],
])('a server that has %s itself', (path, body) => {
  it('gets the bytes that came, and its answer passes as it is', async () => {
    const { key, id } = await newUser(worker.url)
    const { status, text, headers } = await post(path, body, {
      key,
      headers: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'x', 'x-other': 'y' },
    })
    expect(status).toBe(200)
    expect(text).toContain('Native')
    expect(headers.get('x-quota-remaining')).toBeTruthy()
    const seen = lastSeen(path)
    expect(seen?.body.toString()).toBe(body)
    expect(seen?.headers).toMatchObject({
      authorization: 'Bearer sk-of-the-operator',
      'anthropic-beta': 'x',
    })
    expect(seen?.headers).not.toHaveProperty('x-other')
    expect(await usageRows(id, 1)).toMatchObject([
      {
        endpoint: path,
        model: 'm',
        status: 200,
        prompt_tokens: 11,
        completion_tokens: 3,
        estimated: false,
      },
    ])
  })

  it('streams byte for byte', async () => {
    const { key, id } = await newUser(worker.url)
    const { text, headers } = await post(path, body.replace('{', '{"stream":true,'), { key })
    expect(headers.get('content-type')).toBe('text/event-stream')
    expect(text).toBe(nativeEvents(path))
    expect(await usageRows(id, 1)).toMatchObject([
      { stream: true, status: 200, prompt_tokens: 11, completion_tokens: 3, estimated: false },
    ])
  })

  it('says what it refuses, in its own words', async () => {
    const { status, text } = await post(path, body.replace('Hi', 'please refuse'))
    expect(status).toBe(400)
    expect(text).toContain('signature: Field required')
    expect(JSON.parse(text)).toHaveProperty('error.type', 'invalid_request_error')
  })

  it('is found to have cut a stream', async () => {
    const { key, id } = await newUser(worker.url)
    const { text } = await post(
      path,
      body.replace('Hi', 'please cut').replace('{', '{"stream":true,'),
      { key },
    )
    expect(text).toMatch(/event: error\ndata: .*broke the answer off/)
    expect(await usageRows(id, 1)).toMatchObject([{ status: 502, error_code: 'upstream_error' }])
  })

  it('is asked nothing by who may not', async () => {
    const before = server.seen.length
    expect((await post(path, body, { key: 'sk-unknown' })).status).toBe(401)
    for (const damaged of ['', '{', '[]', '{"model":7}', body.replace('"model"', '"Model"')]) {
      expect((await post(path, damaged)).status).toBe(400)
    }
    expect(server.seen.length).toBe(before)
  })
})

it("is spoken to by the vendors' SDKs", async () => {
  const openai = new OpenAI({
    fetch: plainFetch,
    baseURL: `${worker.url}/v1`,
    apiKey: person.key,
    maxRetries: 0,
  })
  const response = await openai.responses.stream({ model: 'm', input: 'Hi' }).finalResponse()
  expect(response).toMatchObject({ id: 'resp_theirs', output_text: 'Native' })
  const anthropic = new Anthropic({ baseURL: worker.url, apiKey: person.key, maxRetries: 0 })
  const asked = { model: 'm', max_tokens: 10, messages: [{ role: 'user' as const, content: 'Hi' }] }
  expect(await anthropic.messages.stream(asked).finalMessage()).toMatchObject({ id: 'msg_theirs' })
  const { data } = await openai.embeddings.create({
    model: 'm',
    input: 'Hi',
    encoding_format: 'float',
  })
  expect(data[0]?.embedding).toEqual([0.5, -0.25])
})

describe('what only a server itself can answer', () => {
  const form = (fields: Record<string, string>, file = 'f'.repeat(32_000)) => {
    const body = new FormData()
    for (const [name, value] of Object.entries({ model: 'm', ...fields })) body.set(name, value)
    body.set('file', new Blob([file], { type: 'audio/mpeg' }), 'a.mp3')
    return body
  }

  it.each<[string, string | (() => FormData), number, boolean]>([
    ['/v1/embeddings', '{"model":"m","input":["a","b"]}', 8, false],
    ['/v1/rerank', '{"model":"m","query":"q","documents":["a","b"]}', 21, false],
    // Pictures, characters, seconds.
    ['/v1/images/generations', '{"model":"m","prompt":"a cat","n":2}', 2, false],
    ['/v1/images/edits', () => form({ prompt: 'a cat' }), 1, false],
    ['/v1/audio/speech', '{"model":"m","input":"Grüß 😀","voice":"v"}', 6, false],
    ['/v1/audio/transcriptions', () => form({ response_format: 'verbose_json' }), 13, false],
    ['/v1/audio/translations', () => form({ response_format: 'text' }), 2, false],
  ])('%s passes, and is counted in its own unit', async (path, made, amount, estimated) => {
    const { key, id } = await newUser(worker.url)
    const body = typeof made === 'string' ? made : made()
    const { status, text, headers } = await post(path, body, { key })
    expect(status, text).toBe(200)
    expect(headers.get('x-request-id')).toBeTruthy()
    if (path === '/v1/audio/speech') expect(headers.get('content-type')).toBe('audio/mpeg')
    else expect(text).not.toBe('')
    const seen = lastSeen(path)
    if (typeof body === 'string') expect(seen?.body.toString()).toBe(body)
    else expect(seen?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(await usageRows(id, 1)).toMatchObject([
      {
        endpoint: path,
        model: 'm',
        status: 200,
        prompt_tokens: amount,
        completion_tokens: 0,
        estimated,
      },
    ])
  })

  it('draws from the pool by the weight of its model', async () => {
    const manager = await newPersonOf('model_manager')
    const at = '/api/admin/models/weighty'
    await call(at, { method: 'PUT', token: manager.token, json: { weight: 1_000 } })
    const { key, token } = await newUser(worker.url)
    const body = '{"model":"weighty","prompt":"a cat","n":2}'
    const left = async () =>
      Number((await post('/v1/images/generations', body, { key })).headers.get('x-quota-remaining'))
    const first = await left()
    // Two pictures at 1,000 of a million tokens each.
    await expect.poll(left, { timeout: 10_000 }).toBeLessThan(first - 0.0015)
    expect(token).toBeTruthy()
    await call(at, { method: 'DELETE', token: manager.token })
  })

  it('speaks of another model where the name is an alias, in a form too', async () => {
    const manager = await newPersonOf('model_manager')
    const at = '/api/admin/models/whisper-1'
    await call(at, { method: 'PUT', token: manager.token, json: { stands_for: { any: 'large' } } })
    // The catalogue is read anew by an isolate that starts.
    const fresh = await workerWith(plainServer(server.url, { UPSTREAM_SERVES: 'audio' }))
    try {
      const { status } = await post('/v1/audio/transcriptions', form({ model: 'whisper-1' }), {
        baseUrl: fresh.url,
      })
      expect(status).toBe(200)
      const seen = lastSeen('/v1/audio/transcriptions')?.body.toString('latin1') ?? ''
      expect(seen).toMatch(/name="model"\r\n\r\nlarge\r\n/)
      expect(seen).toContain('f'.repeat(32_000))
    } finally {
      await fresh.close()
      await call(at, { method: 'DELETE', token: manager.token })
    }
  })
})

describe('what a server serves', () => {
  it('is what the operator says, and nothing is looked for', async () => {
    const fresh = await workerWith(plainServer(server.url, { UPSTREAM_SERVES: 'embeddings' }))
    try {
      const before = server.seen.length
      const chatted = await post(
        '/v1/messages',
        '{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}',
        { baseUrl: fresh.url },
      )
      // Translated: this server has no chat.
      expect(chatted.status).toBeGreaterThanOrEqual(400)
      expect(server.seen.slice(before).map(({ path }) => path)).toEqual(['/v1/chat/completions'])
      expect(
        (await post('/v1/embeddings', '{"model":"m","input":"x"}', { baseUrl: fresh.url })).status,
      ).toBe(200)
      const none = await post('/v1/rerank', '{"model":"m","query":"q","documents":[]}', {
        baseUrl: fresh.url,
      })
      expect(none.status).toBe(404)
      expect(none.text).toContain('has no /v1/rerank')
    } finally {
      await fresh.close()
    }
  })

  it('is looked for once', () => {
    const probes = server.seen.filter(({ body }) => body.toString() === '{}')
    expect(probes.map(({ path }) => path).sort()).toEqual(['/v1/messages', '/v1/responses'])
  })
})
