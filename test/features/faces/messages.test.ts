import Anthropic from '@anthropic-ai/sdk'
import { beforeAll, describe, expect, it } from 'vitest'
import { arm, MODEL, usageRows } from '../../support/chat.ts'
import { redis } from '../../support/redis.ts'
import {
  call,
  newChatter,
  newKey,
  newPerson,
  stack,
  standIn,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const tools = [
  {
    name: 'look',
    description: 'Looks something up.',
    input_schema: { type: 'object' as const, properties: { at: { type: 'string' } } },
  },
]
const ask = (content: string) => [{ role: 'user' as const, content }]
const base = { model: MODEL, max_tokens: 1_000 }

function clientFor(apiKey: string, options = {}): Anthropic {
  return new Anthropic({ baseURL: stack.baseUrl, apiKey, maxRetries: 0, ...options })
}

describe("Anthropic's SDK through the Worker", () => {
  let person: TestPerson & { key: string }
  beforeAll(async () => {
    person = await newChatter()
  })

  it('answers whole, and the books know it as any other call', async () => {
    const { key, id } = await newChatter()
    const message = await clientFor(key).messages.create({ ...base, messages: ask('Hello') })
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content: [{ type: 'text', text: 'Hello! You said: Hello' }],
      stop_reason: 'end_turn',
    })
    expect(message.usage.input_tokens).toBeGreaterThan(0)
    expect(await usageRows(id, 1)).toMatchObject([
      {
        endpoint: '/v1/messages',
        status: 200,
        model: MODEL,
        stream: false,
        prompt_tokens: message.usage.input_tokens,
        completion_tokens: message.usage.output_tokens,
        estimated: false,
      },
    ])
  })

  it('streams with thoughts, and the helper puts the message together', async () => {
    const stream = clientFor('', { apiKey: null, authToken: person.key }).messages.stream({
      ...base,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      messages: ask('Hello'),
    })
    const texts: string[] = []
    stream.on('text', (text) => texts.push(text))
    const message = await stream.finalMessage()
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'The user wants an answer, so I will give one.' },
      { type: 'text', text: 'Hello! You said: Hello' },
    ])
    expect(texts.join('')).toBe('Hello! You said: Hello')
    expect(message.usage.output_tokens).toBeGreaterThan(0)
  })

  it.each([
    ['shown', { type: 'enabled' as const, budget_tokens: 1_024 }],
    ['hidden', { type: 'disabled' as const }],
  ])('runs two tools at once and goes on with their results, thoughts %s', async (_, thinking) => {
    const client = clientFor(person.key)
    const messages: Anthropic.MessageParam[] = ask('call look {"at":"a"} and call look {"at":"b"}')
    const first = await client.messages
      .stream({ ...base, thinking, tools, messages })
      .finalMessage()
    const uses = first.content.filter((block) => block.type === 'tool_use')
    expect(uses.map(({ input }) => input)).toEqual([{ at: 'a' }, { at: 'b' }])
    expect(first.stop_reason).toBe('tool_use')
    messages.push(
      { role: 'assistant', content: first.content },
      {
        role: 'user',
        content: uses.map(({ id }) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: `result ${id}`,
        })),
      },
    )
    const last = await client.messages.create({ ...base, thinking, tools, messages })
    expect(last.content).toMatchObject([
      { type: 'text', text: `The tool answered: result ${uses[1]?.id}` },
    ])
  })

  it('gives a call the signature of its thought back, though the client was not shown it', async () => {
    const { key, id: userId } = await newChatter()
    const sentBack = async (forget: (key: string) => Promise<unknown>) => {
      const client = clientFor(key)
      const messages: Anthropic.MessageParam[] = ask('call look {"at":"a"}')
      const { content } = await client.messages.create({ ...base, tools, messages })
      expect(content.map(({ type }) => type)).toEqual(['tool_use'])
      const [use] = content
      const tool_use_id = use?.type === 'tool_use' ? use.id : ''
      await waitFor(async () => (await redis('EXISTS', `thought:${userId}:${tool_use_id}`)) === 1)
      await forget(`thought:${userId}:${tool_use_id}`)
      const { latest } = await standIn<{ latest: number }>('requests')
      messages.push({ role: 'assistant', content })
      messages.push({
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id, content: 'ok' }],
      })
      const own = await workerOf()
      await new Anthropic({ baseURL: own.url, apiKey: key, maxRetries: 0 }).messages.create({
        ...base,
        tools,
        messages,
      })
      const { requests } = await standIn<{ requests: { body: string | object }[] }>(
        `requests?after=${latest}`,
      )
      return JSON.stringify(requests)
    }
    let own: OwnWorker | undefined
    const workerOf = async () => {
      // Another isolate, which has seen nothing.
      own = await workerWith({})
      return own
    }
    try {
      expect(await sentBack(async () => undefined)).toContain('thought_signature')
      await own?.close()
      expect(await sentBack((key) => redis('DEL', key))).not.toContain('thought_signature')
    } finally {
      await own?.close()
    }
  })

  it('raises what the gateway refuses', async () => {
    const raised = (key: string, content = 'Hi', model = MODEL) =>
      clientFor(key)
        .messages.create({ ...base, model, messages: ask(content) })
        .then(
          () => null,
          (error: unknown) => error,
        )
    expect(await raised('sk-unknown')).toBeInstanceOf(Anthropic.AuthenticationError)
    expect(await raised(person.key, await arm('resource_exhausted'))).toBeInstanceOf(
      Anthropic.RateLimitError,
    )
    expect(await raised(person.key, await arm('upstream_503'))).toBeInstanceOf(
      Anthropic.InternalServerError,
    )
    const poor = await newPerson()
    expect(await raised(await newKey(poor))).toBeInstanceOf(Anthropic.PermissionDeniedError)
    expect(await raised(person.key, 'Hi', 'no-such-model')).toMatchObject({
      status: 404,
      error: { type: 'error', error: { type: 'not_found_error' } },
      requestID: expect.any(String),
    })
  })

  it('raises what breaks a stream', async () => {
    const text = await arm('reset_midway')
    const stream = clientFor(person.key).messages.stream({ ...base, messages: ask(text) })
    await expect(stream.finalMessage()).rejects.toThrow('broke the answer off')
  })

  it('leaves when it is aborted', async () => {
    const { key, id } = await newChatter()
    const text = await arm('slow', { delayMs: 300 })
    const stream = clientFor(key).messages.stream({ ...base, messages: ask(text) })
    stream.on('text', () => stream.abort())
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError)
    expect(await usageRows(id, 1)).toMatchObject([{ status: 499, error_code: 'client_gone' }])
  })

  it('lists models in the form that Anthropic has', async () => {
    const { data } = await clientFor(person.key).models.list({ limit: 1_000 })
    expect(data).toContainEqual(expect.objectContaining({ type: 'model', id: MODEL }))
    expect(await clientFor(person.key).models.retrieve(MODEL)).toMatchObject({ id: MODEL })
  })

  it('counts tokens, for free', async () => {
    const { key } = await newChatter()
    const { input_tokens } = await clientFor(key).messages.countTokens({
      model: MODEL,
      system: 'Be short.',
      messages: ask('x'.repeat(400)),
    })
    expect(input_tokens).toBeGreaterThan(100)
    expect(input_tokens).toBeLessThan(200)
  })

  it('refuses nonsense with 400', async () => {
    for (const text of ['', 'null', '[]', '{', '{"model":"m","messages":7}']) {
      for (const path of ['/v1/messages', '/v1/messages/count_tokens']) {
        const { status, body } = await call(path, {
          text,
          method: 'POST',
          token: person.key,
          headers: { 'content-type': 'application/json' },
        })
        expect(status).toBe(400)
        expect(body).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
      }
    }
  })
})
