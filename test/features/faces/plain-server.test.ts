import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { usageRows } from '../../support/chat.ts'
import { plainFetch } from '../../support/plain-fetch.ts'
import {
  COUNTED,
  chunk,
  completion,
  ENDED,
  newUser,
  plainServer,
} from '../../support/plain-server.ts'
import {
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../../support/scripted-server.ts'
import type { TestPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const KEEP_ALIVE_MS = 500
let server: ScriptedServer
let worker: OwnWorker
let person: TestPerson & { key: string }
beforeAll(async () => {
  server = await startScriptedServer()
  const settings = { STREAM_KEEPALIVE_SECONDS: String(KEEP_ALIVE_MS / 1000) }
  worker = await workerWith(plainServer(server.url, settings))
  person = await newUser(worker.url)
})
afterAll(async () => {
  await worker?.close()
  await server?.close()
})

const CALLS = [
  { id: 'functions.look:0', type: 'function', function: { name: 'look', arguments: '{"at":"a"}' } },
  { id: 'c2', type: 'function', function: { name: 'look', arguments: '{"at":"b"}' } },
]
const SAID = { reasoning_content: 'Hm.', content: 'I look.', tool_calls: CALLS }
/** The same, bit by bit, and the two calls mixed. */
const STREAM = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning_content: 'Hm.' }),
  chunk({ content: 'I ' }),
  chunk({ content: 'look.' }),
  chunk({
    tool_calls: CALLS.map((call, index) => ({
      ...call,
      index,
      function: { name: 'look', arguments: '' },
    })),
  }),
  chunk({ tool_calls: [{ index: 1, function: { arguments: '{"at":"b"}' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '{"at":"a"}' } }] }),
  chunk({}, 'tool_calls'),
  ENDED,
]
const schema = { type: 'object' as const, properties: { at: { type: 'string' } } }

/** What an SDK makes of an answer: what was said, and by which tools. */
interface Heard {
  text: string
  thought: string
  calls: unknown[]
  input: number
  cached: number
  output: number
}

interface Asked {
  key: string
  prompt: string
  stream: boolean
}

const SDKS: Record<string, (asked: Asked) => Promise<Heard>> = {
  async messages({ key, prompt, stream }) {
    const client = new Anthropic({ baseURL: worker.url, apiKey: key, maxRetries: 0 })
    const body = {
      model: 'm',
      max_tokens: 2_000,
      thinking: { type: 'enabled' as const, budget_tokens: 1_024 },
      tools: [{ name: 'look', input_schema: schema }],
      messages: [{ role: 'user' as const, content: prompt }],
    }
    const message = stream
      ? await client.messages.stream(body).finalMessage()
      : await client.messages.create(body)
    const { content, usage } = message
    return {
      text: content.flatMap((block) => (block.type === 'text' ? block.text : [])).join(''),
      thought: content
        .flatMap((block) => (block.type === 'thinking' ? block.thinking : []))
        .join(''),
      calls: content.flatMap((block) => (block.type === 'tool_use' ? [block.input] : [])),
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0),
      cached: usage.cache_read_input_tokens ?? 0,
      output: usage.output_tokens,
    }
  },
  async responses({ key, prompt, stream }) {
    const client = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: key, maxRetries: 0 })
    const body = {
      model: 'm',
      input: prompt,
      reasoning: { summary: 'auto' as const },
      tools: [{ type: 'function' as const, name: 'look', strict: false, parameters: schema }],
    }
    const { output, output_text, usage, error } = stream
      ? await client.responses.stream(body).finalResponse()
      : await client.responses.create(body)
    // The helper leaves it to whoever reads the response.
    if (error) throw new Error(error.message)
    return {
      text: output_text,
      thought: output
        .flatMap((item) => (item.type === 'reasoning' ? item.summary.map(({ text }) => text) : []))
        .join(''),
      calls: output.flatMap((item) =>
        item.type === 'function_call' ? [JSON.parse(item.arguments) as unknown] : [],
      ),
      input: usage?.input_tokens ?? 0,
      cached: usage?.input_tokens_details.cached_tokens ?? 0,
      output: usage?.output_tokens ?? 0,
    }
  },
  async gemini({ key, prompt, stream }) {
    const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: worker.url } })
    const body = {
      model: 'm',
      contents: prompt,
      config: {
        thinkingConfig: { includeThoughts: true },
        tools: [{ functionDeclarations: [{ name: 'look', parametersJsonSchema: schema }] }],
      },
    }
    const heard: Heard = { text: '', thought: '', calls: [], input: 0, cached: 0, output: 0 }
    const answers = stream
      ? await client.models.generateContentStream(body)
      : [await client.models.generateContent(body)]
    for await (const { candidates, usageMetadata: usage } of answers) {
      for (const part of candidates?.[0]?.content?.parts ?? []) {
        if (part.functionCall) heard.calls.push(part.functionCall.args)
        else if (part.thought) heard.thought += part.text
        else heard.text += part.text
      }
      heard.input = usage?.promptTokenCount ?? heard.input
      heard.cached = usage?.cachedContentTokenCount ?? heard.cached
      if (usage) heard.output = (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0)
    }
    return heard
  },
}

const FACES = Object.keys(SDKS)
const hear = (face: string, script: Script, stream: boolean, key = person.key) =>
  (SDKS[face] as (typeof SDKS)[string])({ key, prompt: server.on(script), stream })

describe.each(FACES)('in front of a plain server, %s', (face) => {
  it.each([
    ['whole', false, [completion(SAID, 'tool_calls')]],
    ['streamed', true, STREAM],
  ])('says everything, %s', async (_, stream, pieces) => {
    expect(await hear(face, { pieces }, stream)).toEqual({
      text: 'I look.',
      thought: 'Hm.',
      calls: [{ at: 'a' }, { at: 'b' }],
      input: COUNTED.prompt_tokens,
      cached: 4,
      output: COUNTED.completion_tokens,
    })
  })

  it.each([
    [401, 502],
    [400, 400],
    [404, 404],
    [429, 429],
    [500, 502],
  ])('raises %i as %i', async (status, expected) => {
    const body = JSON.stringify({ error: { message: 'The model is tired.', type: 't' } })
    for (const stream of [false, true]) {
      await expect(hear(face, { status, pieces: [body] }, stream)).rejects.toMatchObject({
        status: expected,
      })
    }
  })

  it('raises what breaks a stream, and the books have it', async () => {
    const { key, id } = await newUser(worker.url)
    const pieces = STREAM.slice(0, 4)
    await expect(hear(face, { pieces }, true, key)).rejects.toThrow(/broke/)
    expect(await usageRows(id, 1)).toMatchObject([{ status: 502, error_code: 'upstream_error' }])
  })

  it('counts an answer that says nothing', async () => {
    const { key, id } = await newUser(worker.url)
    await hear(face, { pieces: [completion({ content: '', reasoning_content: 'Hm' })] }, false, key)
    await hear(
      face,
      { pieces: [chunk({ reasoning_content: 'Hm' }), chunk({}, 'stop'), ENDED] },
      true,
      key,
    )
    await hear(face, { pieces: [completion({ content: 'Yes' })] }, false, key)
    const rows = await usageRows(id, 3)
    expect(rows.map(({ status, error_code }) => [status, error_code])).toEqual([
      [200, 'empty_answer'],
      [200, 'empty_answer'],
      [200, null],
    ])
    expect(worker.logs.some((line) => line.includes('"event":"empty_answer"'))).toBe(true)
  })
})

/** How one asks for a whole answer, and what its error looks like, at each face. */
const WHOLE = {
  chat: {
    path: '/v1/chat/completions',
    ask: (text: string) => ({ model: 'm', messages: [{ role: 'user', content: text }] }),
    says: 'choices',
    error: { error: { type: 'upstream_error' } },
  },
  messages: {
    path: '/v1/messages',
    ask: (text: string) => ({
      model: 'm',
      max_tokens: 9,
      messages: [{ role: 'user', content: text }],
    }),
    says: 'content',
    error: { type: 'error', error: { type: 'api_error' } },
  },
  responses: {
    path: '/v1/responses',
    ask: (text: string) => ({ model: 'm', input: text }),
    says: 'output',
    error: { error: { type: 'upstream_error' } },
  },
  gemini: {
    path: '/v1beta/models/m:generateContent',
    ask: (text: string) => ({ contents: [{ parts: [{ text }] }] }),
    says: 'candidates',
    error: { error: { code: 502 } },
  },
} as const

describe.each(Object.keys(WHOLE) as (keyof typeof WHOLE)[])('a long whole answer, %s', (face) => {
  const { path, ask, says, error } = WHOLE[face]
  const post = async (script: Script, key: string) => {
    const response = await plainFetch(worker.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(ask(server.on(script))),
    })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  it('begins with blanks, so that no proxy gives up', async () => {
    const { key, id } = await newUser(worker.url)
    const late = {
      pieces: [[KEEP_ALIVE_MS * 2.4, completion({ content: 'At last' })] as const],
      headers: { 'content-type': 'application/json' },
    }
    const { status, text, headers } = await post(late, key)
    expect(status).toBe(200)
    expect(text).toMatch(/^ {2,4}\{/)
    expect(headers.get('content-type')).toMatch('application/json')
    expect(headers.get('x-request-id')).toBeTruthy()
    expect(JSON.parse(text)).toHaveProperty(says)
    expect(text).toContain('At last')
    expect(await usageRows(id, 1)).toMatchObject([{ status: 200, error_code: null }])
  })

  it('says in its body what went wrong after that', async () => {
    const { key, id } = await newUser(worker.url)
    const { status, text } = await post(
      {
        pieces: [[KEEP_ALIVE_MS * 1.4, '{"nothing":1}']],
        headers: { 'content-type': 'application/json' },
      },
      key,
    )
    expect(status).toBe(200)
    expect(text.startsWith(' ')).toBe(true)
    expect(JSON.parse(text)).toMatchObject(error)
    expect(await usageRows(id, 1)).toMatchObject([{ status: 502, error_code: 'upstream_error' }])
  })

  it('has no blanks where it comes in time', async () => {
    const { text } = await post({ pieces: [completion({ content: 'Now' })] }, person.key)
    expect(text.startsWith('{')).toBe(true)
  })
})
