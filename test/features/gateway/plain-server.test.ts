import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningPart } from '../../../dev/stack/part.ts'
import { CHAT, chat, usageRows } from '../../support/chat.ts'
import { type OpenAIServer, startOpenAIServer } from '../../support/openai-server.ts'
import { newUser as userOf } from '../../support/plain-server.ts'
import { call, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const OPERATOR_KEY = 'sk-of-the-operator'
let server: OpenAIServer
let worker: RunningPart
let exact: RunningPart

beforeAll(async () => {
  server = await startOpenAIServer()
  const settings = {
    PLUGIN_API_DIALECT: 'openai',
    PLUGIN_API_BASE_URL: server.url,
    PLUGIN_API_ADMIN_KEY: '',
    UPSTREAM_API_KEY: OPERATOR_KEY,
    UPSTREAM_FIRST_BYTE_SECONDS: '1',
    UPSTREAM_IDLE_SECONDS: '1.2',
    STREAM_KEEPALIVE_SECONDS: '0.3',
  }
  worker = await workerWith(settings)
  exact = await workerWith({ ...settings, UPSTREAM_STREAM_USAGE: 'always' })
})
afterAll(async () => {
  await worker?.close()
  await exact?.close()
  await server?.close()
})

/** Registered where nobody asks the plug-in, which would say what they may draw. */
const newUser = () => userOf(worker.url)

async function raw(key: string, content: string, extra: object = {}): Promise<string> {
  const response = await fetch(worker.url + CHAT, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'tiny',
      stream: true,
      messages: [{ role: 'user', content }],
      ...extra,
    }),
  })
  return response.text()
}

describe('a plain OpenAI-compatible server', () => {
  it('needs no account, sees the operator’s key and the bytes that the client sent', async () => {
    const { key } = await newUser()
    const body = '{ "model":"tiny","messages":[ {"role":"user","content":"hi"}], "x": 1.50 }'
    const response = await fetch(worker.url + CHAT, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        cookie: 'a=b',
      },
      body,
    })
    expect(await response.json()).toMatchObject({
      id: 'chatcmpl-abc',
      extra: 1,
      usage: { total_tokens: 12 },
    })
    const seen = server.requests.at(-1)
    expect(seen?.body).toBe(body)
    expect(seen?.headers.authorization).toBe(`Bearer ${OPERATOR_KEY}`)
    expect(seen?.headers.cookie).toBeUndefined()
  })

  it('lists its models', async () => {
    const { key } = await newUser()
    const { body } = await call('/v1/models', { token: key, baseUrl: worker.url })
    expect(body).toMatchObject({ data: [{ id: 'tiny', object: 'model' }] })
  })

  it('streams untouched, and what it counted is in the books when the client asked', async () => {
    const { key, id } = await newUser()
    const text = await raw(key, 'hi', { stream_options: { include_usage: true } })
    expect(text).toMatch(/^data: \{"id":"chatcmpl-abc"/)
    expect(text.match(/^data: /gm)).toHaveLength(9)
    expect(text).toMatch(/"usage":\{"prompt_tokens":7[^\n]*\n\ndata: \[DONE\]\n\n$/)
    expect((await usageRows(id, 1))[0]).toMatchObject({
      status: 200,
      prompt_tokens: 7,
      completion_tokens: 5,
      estimated: false,
    })
  })

  it('is estimated when nobody asked', async () => {
    const { key, id } = await newUser()
    const text = await raw(key, 'hi there')
    expect(text).not.toContain('usage')
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
    // "hi there" is 8 bytes, "One two three four five" 23.
    expect((await usageRows(id, 1))[0]).toMatchObject({
      prompt_tokens: 2,
      completion_tokens: 6,
      estimated: true,
    })
  })

  it('is asked for its count where the operator wants exact books, and the client does not see it', async () => {
    const { key, id } = await newUser()
    const { chunks, content, isDone } = await chat({
      key,
      content: 'hi',
      stream: true,
      baseUrl: exact.url,
    })
    expect(content).toBe('One two three four five')
    expect(isDone).toBe(true)
    expect(chunks.some((chunk) => 'usage' in chunk || chunk.choices.length === 0)).toBe(false)
    expect((await usageRows(id, 1))[0]).toMatchObject({ prompt_tokens: 7, estimated: false })
  })
})

describe('its failures', () => {
  it.each([
    [400, 400, 'code_400'],
    [401, 502, 'upstream_error'],
    [403, 502, 'upstream_error'],
    [404, 404, 'code_404'],
    [429, 429, 'rate_limited'],
    [500, 502, 'upstream_error'],
    [503, 502, 'upstream_error'],
    [504, 504, 'upstream_timeout'],
  ])('%i is %i', async (theirs, ours, code) => {
    const { key } = await newUser()
    for (const stream of [true, false]) {
      const { status, error, headers } = await chat({
        key,
        stream,
        content: `status ${theirs}`,
        baseUrl: worker.url,
      })
      expect({ status, code: error?.code }).toEqual({ status: ours, code })
      if (ours === 429) expect(headers.get('retry-after')).toBe('17')
    }
  })

  it.each([400, 429, 500])(
    'do not tell clients the operator’s key and address: %i',
    async (status) => {
      const { key } = await newUser()
      for (const stream of [true, false]) {
        const content = `tell ${status}`
        const { error } = await chat({ key, stream, content, baseUrl: worker.url })
        expect(error?.message).toBe('POST [hidden] with Bearer [hidden] is not possible')
      }
    },
  )

  it('have their status when they come first', async () => {
    const { key } = await newUser()
    const { status, error } = await chat({
      key,
      content: 'error first',
      stream: true,
      baseUrl: worker.url,
    })
    expect({ status, message: error?.message }).toEqual({ status: 502, message: 'overloaded' })
  })

  it.each(['cut', 'reset', 'hang', 'garbage', 'error midway'])(
    'end a stream with an error that SDKs raise: %s',
    async (wish) => {
      const { key, id } = await newUser()
      const client = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: key, maxRetries: 0 })
      const read = async () => {
        const events = await client.chat.completions.create({
          model: 'tiny',
          messages: [{ role: 'user', content: wish }],
          stream: true,
        })
        for await (const _ of events);
      }
      await expect(read()).rejects.toThrow()
      const [row] = await usageRows(id, 1)
      // What is no JSON makes the SDK hang up before the gateway has found out.
      const wanted = wish === 'hang' ? [504] : wish === 'garbage' ? [499, 502] : [502]
      expect(wanted).toContain(row?.status)
      expect(row).toMatchObject({ estimated: true })
      expect(row?.completion_tokens).toBeGreaterThan(0)
    },
  )
})

describe('a quiet stream', () => {
  it('gets signs of life in the middle, and nothing is lost', async () => {
    const { key, id } = await newUser()
    const text = await raw(key, 'quiet 900')
    expect(text.match(/^: keep-alive$/gm)?.length).toBeGreaterThanOrEqual(2)
    const said = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, word]) => word).join('')
    expect(said).toBe('One two three four five')
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
    expect((await usageRows(id, 1))[0]).toMatchObject({ status: 200 })
  })
})

describe('a client that leaves', () => {
  it.each(['count 2000', 'hang'])(
    'ends the call of the server, and pays for what was said: %s',
    async (wish) => {
      const { key, id } = await newUser()
      const controller = new AbortController()
      const response = await fetch(worker.url + CHAT, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'tiny',
          stream: true,
          messages: [{ role: 'user', content: wish }],
        }),
        signal: controller.signal,
      })
      await response.body?.getReader().read()
      await new Promise((resolve) => setTimeout(resolve, 150))
      const seen = server.requests.at(-1)
      controller.abort()
      await waitFor(async () => seen?.isAborted === true, 3_000)
      const [row] = await usageRows(id, 1)
      expect(row).toMatchObject({ status: 499, error_code: 'client_gone', estimated: true })
      expect(row?.completion_tokens).toBeGreaterThan(0)
    },
  )
})
