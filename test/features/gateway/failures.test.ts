import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { APICallError, generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { beforeAll, describe, expect, it } from 'vitest'
import { chat, MODEL, usageRows } from '../../support/chat.ts'
import { newChatter, stack } from '../../support/stack.ts'
import { type Chatter, ROWS, type Row } from './failure-rows.ts'

let person: Chatter
/** How often that person has asked. */
let attempts = 0
beforeAll(async () => {
  person = await newChatter()
})

describe.each([false, true])('with stream: %s', (stream) => {
  it.each(ROWS)('$situation', async (row) => {
    const begins = stream && row.breaksMidway === true
    const attempt = async () => {
      const { marker = 'Hello', as = person } = await row.arrange()
      if (as === person) attempts++
      return { key: as.key, id: as.id, content: `Say it: ${marker}` }
    }

    const first = await attempt()
    const { error, status, headers, isDone, chunks, content } = await chat({ ...first, stream })
    expect({ status, code: error?.code }).toEqual({
      status: begins ? 200 : row.status,
      code: row.code,
    })
    expect(isDone).toBe(false)
    expect(chunks.length > 0).toBe(begins)
    expect(content).not.toContain('错误')
    expect(headers.has('retry-after')).toBe(row.retryAfter === true)
    // Repeating it is of no use: SDKs leave it alone.
    if (row.code === 'insufficient_quota' && !begins)
      expect(headers.get('x-should-retry')).toBe('false')
    expect(error?.message).not.toMatch(/[\u4e00-\u9fff]/)

    await seenByOpenAI(await attempt(), stream, row, begins)
    await seenByVercel(await attempt(), stream, row, begins)
    await seenByLangChain(await attempt(), stream)
  })
})

it('leaves one row in the books for each of them', async () => {
  const rows = await usageRows(person.id, attempts)
  expect(rows.every((row) => row.status >= 400 && row.error_code !== null)).toBe(true)
})

interface Attempt {
  key: string
  content: string
}

/** The SDK raises what came, midway too. */
async function seenByOpenAI({ key, content }: Attempt, stream: boolean, row: Row, begins: boolean) {
  const client = new OpenAI({ baseURL: `${stack.baseUrl}/v1`, apiKey: key, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content }]
  const run = async () => {
    if (!stream) {
      await client.chat.completions.create({ model: MODEL, messages })
      return
    }
    const events = await client.chat.completions.create({ model: MODEL, messages, stream: true })
    for await (const _ of events);
  }
  const error = await run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(OpenAI.APIError)
  expect(error).toMatchObject({ code: row.code, ...(!begins && { status: row.status }) })
}

async function seenByVercel({ key, content }: Attempt, stream: boolean, row: Row, begins: boolean) {
  const provider = createOpenAICompatible({
    name: 'gateway',
    baseURL: `${stack.baseUrl}/v1`,
    apiKey: key,
  })
  const options = { model: provider(MODEL), prompt: content, maxRetries: 0 }
  let error: unknown
  if (stream) {
    const { fullStream } = streamText({ ...options, onError: () => undefined })
    for await (const part of fullStream) if (part.type === 'error') error = part.error
  } else {
    error = await generateText(options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
  }
  expect(error).toBeDefined()
  if (begins) return
  expect(APICallError.isInstance(error)).toBe(true)
  expect(error).toMatchObject({ statusCode: row.status })
}

async function seenByLangChain({ key, content }: Attempt, stream: boolean) {
  const model = new ChatOpenAI({
    model: MODEL,
    apiKey: key,
    configuration: { baseURL: `${stack.baseUrl}/v1` },
    maxRetries: 0,
  })
  const run = async () => {
    if (!stream) {
      await model.invoke(content)
      return
    }
    for await (const _ of await model.stream(content));
  }
  await expect(run()).rejects.toThrow()
}
