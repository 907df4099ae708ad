import { beforeAll, describe, expect, it } from 'vitest'
import { arm, chat, MODEL, usageRows } from '../../support/chat.ts'
import { ModelListAnswer, Usage } from '../../support/openai-schemas.ts'
import {
  call,
  newChatter,
  newPerson,
  stack,
  standIn,
  type TestPerson,
} from '../../support/stack.ts'

const PLAIN_MODEL = 'gemini-2.5-flash'
const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
}

let person: TestPerson & { key: string }
beforeAll(async () => {
  person = await newChatter()
})

describe('a streamed answer', () => {
  it('begins with the role and says everything else once', async () => {
    const { chunks, isDone, content, error } = await chat({ key: person.key, stream: true })
    expect(error).toBeNull()
    expect(isDone).toBe(true)
    expect(content).toBe('Hello! You said: Hello there')
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
    expect(chunks.filter((chunk) => chunk.choices[0]?.delta.role)).toHaveLength(1)
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1)
    expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason)).toHaveLength(1)
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
  })

  it('has no usage unless it was asked for', async () => {
    const { chunks } = await chat({ key: person.key, stream: true })
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false)
  })

  it('has the usage in a last chunk of its own when it was', async () => {
    const extra = { stream_options: { include_usage: true } }
    const { chunks, isDone } = await chat({ key: person.key, stream: true, extra })
    expect(isDone).toBe(true)
    const last = chunks.at(-1)
    expect(last?.choices).toEqual([])
    expect(Usage.parse(last?.usage).total_tokens).toBeGreaterThan(0)
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
  })

  it('numbers and names tool calls', async () => {
    await standIn('config', { chat: { toolCallIds: false } })
    try {
      const options = {
        key: person.key,
        content: 'call weather and call weather',
        extra: { tools: [WEATHER] },
      }
      const { chunks } = await chat({ ...options, stream: true })
      const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
      expect(calls.map((each) => each.index)).toEqual([0, 1])
      expect(new Set(calls.map((each) => each.id)).size).toBe(2)
      expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls')

      const { completion } = await chat(options)
      const message = completion?.choices[0]?.message
      expect(message?.tool_calls).toHaveLength(2)
      expect(new Set(message?.tool_calls?.map((each) => each.id)).size).toBe(2)
      expect(message?.content).toBeNull()
    } finally {
      await standIn('reset-config', {})
    }
  })

  it('keeps the signature of a thinking model, which it wants to see again', async () => {
    const response = await call<string>('/v1/chat/completions', {
      token: person.key,
      json: {
        model: MODEL,
        stream: true,
        tools: [WEATHER],
        messages: [{ role: 'user', content: 'call weather' }],
      },
    })
    expect(response.body).toContain('"thought_signature":"')
    expect(response.body).toContain('"reasoning_content":"')
  })

  it.each([
    ['cut anywhere', 'split_bytes'],
    ['with CRLF', 'crlf'],
    ['without [DONE]', 'no_done'],
    ['with a late finish', 'late_finish'],
    ['slowly', 'slow'],
  ])('arrives whole %s', async (_, failure) => {
    const marker = await arm(failure, { delayMs: 60, text: 'Grüße 世界 🎉 "quoted" \\n' })
    const { content, isDone, error } = await chat({
      key: person.key,
      stream: true,
      content: marker,
      extra: { model: PLAIN_MODEL },
    })
    expect(error).toBeNull()
    expect(content).toBe('Grüße 世界 🎉 "quoted" \\n')
    expect(isDone).toBe(true)
  })

  it('may say what an error looks like', async () => {
    const text = '\n\n错误: is how the plug-in says that something is wrong'
    const marker = await arm('slow', { delayMs: 1, text })
    const { content, error } = await chat({ key: person.key, stream: true, content: marker })
    expect(error).toBeNull()
    expect(content).toBe(text)
  })

  it('carries an event of 8 MB', async () => {
    const marker = await arm('huge')
    const { content } = await chat({ key: person.key, stream: true, content: marker })
    expect(content).toHaveLength(8 * 1024 * 1024)
  })

  it('leaves with the first event, long before the last', async () => {
    const marker = await arm('late_finish', { delayMs: 1_500 })
    const startedAt = performance.now()
    const response = await fetch(`${stack.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: MODEL,
        stream: true,
        messages: [{ role: 'user', content: marker }],
      }),
    })
    const reader = response.body?.getReader()
    await reader?.read()
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    await reader?.cancel()
  })
})

describe('a whole answer', () => {
  it("has everything that OpenAI's description requires", async () => {
    const { completion, content } = await chat({ key: person.key })
    expect(content).toBe('Hello! You said: Hello there')
    expect(completion?.choices[0]).toMatchObject({ finish_reason: 'stop', logprobs: null })
    expect(completion?.usage?.total_tokens).toBeGreaterThan(0)
  })

  it('is not streamed when the client says nothing about it, or null', async () => {
    for (const stream of [undefined, null]) {
      const { completion } = await chat({ key: person.key, extra: { stream } })
      expect(completion?.object).toBe('chat.completion')
    }
  })

  it('has an id of its own', async () => {
    const ids = await Promise.all(
      Array.from({ length: 10 }, async () => (await chat({ key: person.key })).completion?.id),
    )
    expect(new Set(ids).size).toBe(10)
  })
})

describe('the books', () => {
  it('have the tokens that the plug-in reported', async () => {
    const chatter = await newChatter()
    const whole = await chat({ key: chatter.key })
    const extra = { stream_options: { include_usage: true } }
    const streamed = await chat({ key: chatter.key, stream: true, extra })
    const rows = await usageRows(chatter.id, 2)
    for (const [index, usage] of [
      whole.completion?.usage,
      streamed.chunks.at(-1)?.usage,
    ].entries()) {
      expect(rows[index]).toMatchObject({
        status: 200,
        error_code: null,
        estimated: false,
        model: MODEL,
        prompt_tokens: usage?.prompt_tokens,
        completion_tokens: usage?.completion_tokens,
      })
    }
  })
})

describe('models', () => {
  it('are listed as OpenAI lists them', async () => {
    const { body } = await call('/v1/models', { token: person.key })
    expect(ModelListAnswer.parse(body).data.length).toBeGreaterThan(0)
  })

  it('are refused to somebody without any account, with what to do', async () => {
    const somebody = await newPerson()
    const { status, body } = await call<{ error: { code: string; message: string } }>(
      '/v1/models',
      {
        token: somebody.token,
      },
    )
    expect(status).toBe(403)
    expect(body.error).toMatchObject({ code: 'no_account' })
    expect(body.error.message).toContain('/api/plugin-api/oauth/authorize')
  })
})
