import { createOpenAI } from '@ai-sdk/openai'
import { generateText, stepCountIs, streamText, tool } from 'ai'
import OpenAI from 'openai'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { arm, MODEL, usageRows } from '../../support/chat.ts'
import { forgetPools, grant, newLender } from '../../support/quota.ts'
import { call, newChatter, sql, stack, type TestPerson } from '../../support/stack.ts'

const tools = [
  {
    type: 'function' as const,
    name: 'look',
    description: 'Looks something up.',
    strict: false,
    parameters: { type: 'object', properties: { at: { type: 'string' } } },
  },
]

function clientFor(apiKey: string): OpenAI {
  return new OpenAI({ baseURL: `${stack.baseUrl}/v1`, apiKey, maxRetries: 0 })
}

let person: TestPerson & { key: string }
beforeAll(async () => {
  person = await newChatter()
})

describe("OpenAI's SDK, through Responses", () => {
  it('answers whole, and the books know it as any other call', async () => {
    const { key, id } = await newChatter()
    const response = await clientFor(key).responses.create({ model: MODEL, input: 'Hello' })
    expect(response).toMatchObject({
      status: 'completed',
      output_text: 'Hello! You said: Hello',
      store: false,
    })
    expect(await usageRows(id, 1)).toMatchObject([
      {
        endpoint: '/v1/responses',
        status: 200,
        stream: false,
        prompt_tokens: response.usage?.input_tokens,
        completion_tokens: response.usage?.output_tokens,
      },
    ])
  })

  it('streams with thoughts, and the helper puts the response together', async () => {
    const stream = clientFor(person.key).responses.stream({
      model: MODEL,
      input: 'Hello',
      reasoning: { summary: 'auto' },
    })
    let said = ''
    stream.on('response.output_text.delta', ({ delta }) => {
      said += delta
    })
    const response = await stream.finalResponse()
    expect(said).toBe('Hello! You said: Hello')
    expect(response.output_text).toBe(said)
    expect(response.output[0]).toMatchObject({
      type: 'reasoning',
      summary: [{ text: 'The user wants an answer, so I will give one.' }],
    })
  })

  it('runs two tools at once and goes on with their results', async () => {
    const client = clientFor(person.key)
    const input: OpenAI.Responses.ResponseInput = [
      { role: 'user', content: 'call look {"at":"a"} and call look {"at":"b"}' },
    ]
    const first = await client.responses
      .stream({ model: MODEL, input, tools, include: ['reasoning.encrypted_content'] })
      .finalResponse()
    const calls = first.output.filter((item) => item.type === 'function_call')
    expect(calls.map((each) => each.arguments)).toEqual(['{"at":"a"}', '{"at":"b"}'])
    const last = await client.responses.create({
      model: MODEL,
      tools,
      input: [
        ...input,
        ...(first.output as OpenAI.Responses.ResponseInputItem[]),
        ...calls.map(({ call_id }) => ({
          type: 'function_call_output' as const,
          call_id,
          output: `result ${call_id}`,
        })),
      ],
    })
    expect(last.output_text).toBe(`The tool answered: result ${calls[1]?.call_id}`)
  })

  it('raises what the gateway refuses, and what breaks a stream', async () => {
    const raised = async (key: string, input: string, more = {}) => {
      try {
        await clientFor(key).responses.create({ model: MODEL, input, ...more })
        return null
      } catch (error) {
        return error
      }
    }
    expect(await raised('sk-unknown', 'Hi')).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(await raised(person.key, await arm('upstream_503'))).toBeInstanceOf(
      OpenAI.InternalServerError,
    )
    expect(await raised(person.key, 'Hi', { previous_response_id: 'resp_1' })).toMatchObject({
      status: 400,
      param: 'previous_response_id',
    })
    const text = await arm('reset_midway')
    const response = await clientFor(person.key)
      .responses.stream({ model: MODEL, input: text })
      .finalResponse()
      .catch((error: unknown) => error)
    expect(JSON.stringify(response) + String(response)).toContain('broke the answer off')
  })

  it('says of an empty pool when it is back, and that asking again is of no use', async () => {
    const poor = await newLender()
    await grant(poor, 0)
    await sql`update quota_pools set balance = 0 where user_id = ${poor.id}`
    await forgetPools(poor)
    const response = await fetch(`${stack.baseUrl}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${poor.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, input: 'Hi' }),
    })
    expect(response.status).toBe(429)
    expect(response.headers.get('x-should-retry')).toBe('false')
    const seconds = Number(response.headers.get('retry-after'))
    expect(response.headers.get('retry-after-ms')).toBe(String(seconds * 1000))
    const { error } = (await response.json()) as { error: Record<string, unknown> }
    expect(error).toMatchObject({ type: 'usage_limit_reached', code: 'insufficient_quota' })
    expect(Math.abs((error.resets_at as number) - Date.now() / 1000 - seconds)).toBeLessThan(5)
  })

  it('refuses nonsense with 400', async () => {
    for (const text of ['', 'null', '[]', '{', '{"model":"m"}', '{"model":"m","input":{}}']) {
      const { status } = await call('/v1/responses', {
        text,
        method: 'POST',
        token: person.key,
        headers: { 'content-type': 'application/json' },
      })
      expect(status).toBe(400)
    }
  })
})

describe("Vercel's SDK, by its default", () => {
  const model = () => createOpenAI({ baseURL: `${stack.baseUrl}/v1`, apiKey: person.key })(MODEL)

  it('answers and streams', async () => {
    const { text, usage } = await generateText({ model: model(), prompt: 'Hello' })
    expect(text).toBe('Hello! You said: Hello')
    expect(usage.outputTokens).toBeGreaterThan(0)
    const stream = streamText({ model: model(), prompt: 'Hello' })
    let said = ''
    for await (const part of stream.textStream) said += part
    expect(said).toBe('Hello! You said: Hello')
    expect(await stream.finishReason).toBe('stop')
  })

  it('runs tools to the end', async () => {
    const { text, steps } = await generateText({
      model: model(),
      prompt: 'call look {"at":"a"}',
      providerOptions: { openai: { store: false } },
      stopWhen: stepCountIs(3),
      tools: {
        look: tool({
          description: 'Looks',
          inputSchema: z.object({ at: z.string() }),
          execute: async ({ at }) => `seen ${at}`,
        }),
      },
    })
    expect(steps.length).toBe(2)
    expect(text).toContain('The tool answered: ')
    expect(text).toContain('seen a')
  })

  it('raises a refusal at once', async () => {
    const refused = generateText({
      model: createOpenAI({ baseURL: `${stack.baseUrl}/v1`, apiKey: 'sk-unknown' })(MODEL),
      prompt: 'Hi',
    })
    await expect(refused).rejects.toMatchObject({ statusCode: 401 })
  })
})
