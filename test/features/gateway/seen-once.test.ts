import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { APICallError, generateText } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ScriptedServer, startScriptedServer } from '../../support/scripted-server.ts'
import { newKey, newPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

/** What can never work is asked for once, by SDKs that try again by themselves: with their own settings. */

let server: ScriptedServer
let worker: OwnWorker
let key: string

beforeAll(async () => {
  server = await startScriptedServer()
  worker = await workerWith({
    PLUGIN_API_DIALECT: 'openai',
    PLUGIN_API_BASE_URL: server.url,
    PLUGIN_API_ADMIN_KEY: '',
    UPSTREAM_API_KEY: 'sk-of-the-operator',
  })
  key = await newKey(await newPerson())
})
afterAll(async () => {
  await worker?.close()
  await server?.close()
})

interface Refusal {
  says: [number, string]
  status: number
  /** OpenAI's exception for it. */
  raises: new (
    ...args: never[]
  ) => Error
  /** Of another status than those that they never repeat, these SDKs repeat whatever we say. */
  isRepeatedBy?: readonly ('vercel' | 'langchain')[]
}

const error = (fields: object) => JSON.stringify({ error: fields })
const { BadRequestError, NotFoundError, RateLimitError } = OpenAI
const { APIError, ConflictError, InternalServerError } = OpenAI

const REFUSALS: Refusal[] = [
  {
    says: [400, error({ message: 'too long', code: 'context_length_exceeded' })],
    ...{ status: 400, raises: BadRequestError },
  },
  {
    says: [400, '[{"error":{"code":400,"message":"turns"}}]'],
    status: 400,
    raises: BadRequestError,
  },
  { says: [404, error({ message: 'no such model' })], status: 404, raises: NotFoundError },
  { says: [413, '{"message":"large"}'], status: 413, raises: APIError },
  {
    says: [422, '{"detail":[{"loc":["body"],"msg":"bad"}]}'],
    ...{ status: 400, raises: BadRequestError },
  },
  { says: [451, '{"message":"law"}'], status: 400, raises: BadRequestError },
  {
    says: [200, error({ message: 'too long', type: 'invalid_request_error' })],
    ...{ status: 400, raises: BadRequestError },
  },
  {
    says: [409, '{"message":"busy"}'],
    ...{ status: 409, raises: ConflictError, isRepeatedBy: ['vercel'] },
  },
  {
    says: [402, error({ message: 'no money' })],
    ...{ status: 429, raises: RateLimitError, isRepeatedBy: ['vercel'] },
  },
  {
    says: [429, error({ message: 'no money', code: 'insufficient_quota' })],
    ...{ status: 429, raises: RateLimitError, isRepeatedBy: ['vercel'] },
  },
  {
    says: [401, error({ message: 'bad key' })],
    ...{ status: 502, raises: InternalServerError, isRepeatedBy: ['vercel', 'langchain'] },
  },
  {
    says: [403, error({ message: 'bad key' })],
    ...{ status: 502, raises: InternalServerError, isRepeatedBy: ['vercel', 'langchain'] },
  },
]

/** Each with its own way of trying again, for what it says. */
const SDKS = {
  openai: (content: string) =>
    new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: key }).chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content }],
    }),
  vercel: (content: string) =>
    generateText({
      model: createOpenAICompatible({
        name: 'gateway',
        baseURL: `${worker.url}/v1`,
        apiKey: key,
      })('m'),
      prompt: content,
    }),
  langchain: (content: string) =>
    new ChatOpenAI({
      model: 'm',
      apiKey: key,
      configuration: { baseURL: `${worker.url}/v1` },
    }).invoke(content),
}

describe.each(REFUSALS)('a server that says $says', ({ says, status, raises, isRepeatedBy }) => {
  const [said, text] = says
  const names = (['openai', 'vercel', 'langchain'] as const).filter(
    (name) => name === 'openai' || !isRepeatedBy?.includes(name),
  )

  it.each(names)('is asked once by %s, which raises what it is', async (name) => {
    const marker = server.on({
      status: said,
      pieces: [text],
      headers: { 'content-type': 'application/json' },
    })
    const startedAt = performance.now()
    const thrown = await SDKS[name](`Say it: ${marker}`).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(server.seen(marker)).toHaveLength(1)
    expect(performance.now() - startedAt).toBeLessThan(3_000)
    if (name === 'openai') {
      expect(thrown).toBeInstanceOf(raises)
      expect(thrown).toMatchObject({ status })
    } else if (name === 'vercel') {
      expect(APICallError.isInstance(thrown)).toBe(true)
      expect(thrown).toMatchObject({ statusCode: status })
    } else expect(thrown).toMatchObject({ status })
  })
})
