import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { type FunctionDeclaration, GoogleGenAI } from '@google/genai'
import { generateText, type LanguageModel, stepCountIs, streamText, tool } from 'ai'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { arm, MODEL, usageRows } from '../../support/chat.ts'
import { grant, newLender } from '../../support/quota.ts'
import { call, newChatter, stack, type TestPerson } from '../../support/stack.ts'

const look: FunctionDeclaration = {
  name: 'look',
  description: 'Looks something up.',
  parametersJsonSchema: { type: 'object', properties: { at: { type: 'string' } } },
}

function clientFor(apiKey: string): GoogleGenAI {
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: stack.baseUrl } })
}

let person: TestPerson & { key: string }
beforeAll(async () => {
  person = await newChatter()
})

describe("Google's SDK through the Worker", () => {
  it('answers whole, and the books know it as any other call', async () => {
    const { key, id } = await newChatter()
    const answer = await clientFor(key).models.generateContent({ model: MODEL, contents: 'Hello' })
    expect(answer.text).toBe('Hello! You said: Hello')
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP')
    expect(await usageRows(id, 1)).toMatchObject([
      {
        endpoint: '/v1beta/models:generateContent',
        model: MODEL,
        status: 200,
        prompt_tokens: answer.usageMetadata?.promptTokenCount,
        completion_tokens: answer.usageMetadata?.candidatesTokenCount,
      },
    ])
  })

  it('streams with thoughts', async () => {
    const stream = await clientFor(person.key).models.generateContentStream({
      model: MODEL,
      contents: 'Hello',
      config: { thinkingConfig: { includeThoughts: true } },
    })
    let said = ''
    let thought = ''
    let last = null
    for await (const chunk of stream) {
      last = chunk
      for (const part of chunk.candidates?.[0]?.content?.parts ?? []) {
        if (part.thought) thought += part.text
        else said += part.text
      }
    }
    expect(said).toBe('Hello! You said: Hello')
    expect(thought).toBe('The user wants an answer, so I will give one.')
    expect(last).toMatchObject({ candidates: [{ finishReason: 'STOP' }], usageMetadata: {} })
  })

  it('streams a list where events are not asked for', async () => {
    const { status, body } = await call<object[]>(`/v1beta/models/${MODEL}:streamGenerateContent`, {
      headers: { 'x-goog-api-key': person.key },
      json: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    })
    expect(status).toBe(200)
    expect(body.at(-1)).toMatchObject({ candidates: [{ finishReason: 'STOP' }] })
  })

  it('runs two tools at once and goes on with their results', async () => {
    const chat = clientFor(person.key).chats.create({
      model: MODEL,
      config: { tools: [{ functionDeclarations: [look] }] },
    })
    const first = await chat.sendMessage({
      message: 'call look {"at":"a"} and call look {"at":"b"}',
    })
    expect(first.functionCalls?.map(({ args }) => args)).toEqual([{ at: 'a' }, { at: 'b' }])
    const last = await chat.sendMessage({
      message: (first.functionCalls ?? []).map(({ id, name, args }) => ({
        functionResponse: {
          ...(id && { id }),
          ...(name && { name }),
          response: { output: `seen ${args?.at}` },
        },
      })),
    })
    expect(last.text).toBe('The tool answered: seen b')
    const [call_] = chat.getHistory()[1]?.parts ?? []
    expect(call_?.thoughtSignature).toBeTruthy()
  })

  it('raises what the gateway refuses, and what breaks a stream', async () => {
    const raised = (key: string, contents = 'Hi', model = MODEL) =>
      clientFor(key)
        .models.generateContent({ model, contents })
        .then(
          () => null,
          (error: unknown) => error,
        )
    expect(await raised('sk-unknown')).toMatchObject({ status: 401 })
    expect(await raised(person.key, await arm('resource_exhausted'))).toMatchObject({ status: 429 })
    expect(await raised(person.key, 'Hi', 'no-such-model')).toMatchObject({ status: 404 })
    const stream = await clientFor(person.key).models.generateContentStream({
      model: MODEL,
      contents: await arm('reset_midway'),
    })
    const reading = (async () => {
      for await (const _ of stream);
    })()
    await expect(reading).rejects.toThrow()
  })

  it('says when to come back in the words of Google', async () => {
    const poor = await newLender()
    await grant(poor, -0.5)
    const { status, body } = await call<{ error: { details: object[] } }>(
      `/v1beta/models/${MODEL}:generateContent`,
      {
        headers: { 'x-goog-api-key': poor.key },
        json: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
      },
    )
    expect(status).toBe(429)
    expect(body.error.details).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: expect.stringMatching(/^\d+s$/),
    })
  })

  it('counts tokens, and lists models', async () => {
    const client = clientFor(person.key)
    const { totalTokens } = await client.models.countTokens({
      model: MODEL,
      contents: 'x'.repeat(400),
    })
    expect(totalTokens).toBeGreaterThan(100)
    expect(totalTokens).toBeLessThan(150)
    const names: (string | undefined)[] = []
    for await (const { name } of await client.models.list()) names.push(name)
    expect(names).toContain(`models/${MODEL}`)
    expect(await client.models.get({ model: MODEL })).toMatchObject({ name: `models/${MODEL}` })
  })

  it('refuses nonsense with 400', async () => {
    for (const text of [
      '',
      'null',
      '[]',
      '{',
      '{"contents":7}',
      '{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"topP":"x"}}',
    ]) {
      const { status, body } = await call(`/v1beta/models/${MODEL}:generateContent`, {
        text,
        method: 'POST',
        token: person.key,
        headers: { 'content-type': 'application/json' },
      })
      expect(status).toBe(400)
      expect(body).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } })
    }
  })
})

const vercel: Record<string, (key: string) => LanguageModel> = {
  google: (apiKey) =>
    createGoogleGenerativeAI({ baseURL: `${stack.baseUrl}/v1beta`, apiKey })(MODEL),
  anthropic: (apiKey) => createAnthropic({ baseURL: `${stack.baseUrl}/v1`, apiKey })(MODEL),
}

describe.each(Object.keys(vercel))("Vercel's SDK for %s", (name) => {
  const model = (key = person.key) => vercel[name]?.(key) as LanguageModel

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
    expect(text).toContain('seen a')
  })

  it('raises a refusal at once', async () => {
    await expect(generateText({ model: model('sk-unknown'), prompt: 'Hi' })).rejects.toMatchObject({
      statusCode: 401,
    })
  })
})
