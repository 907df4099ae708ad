import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chat, usageRows } from '../../support/chat.ts'
import { type OpenAIServer, startOpenAIServer } from '../../support/openai-server.ts'
import { checkBooks } from '../../support/quota.ts'
import { newKey, newPerson } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

let server: OpenAIServer
let worker: Awaited<ReturnType<typeof workerWith>>

beforeAll(async () => {
  server = await startOpenAIServer()
  worker = await workerWith({
    PLUGIN_API_DIALECT: 'openai',
    PLUGIN_API_BASE_URL: server.url,
    PLUGIN_API_ADMIN_KEY: '',
    UPSTREAM_API_KEY: 'sk-operator',
    TOKENS_PER_UNIT: '1000',
    MAX_ANSWER_TOKENS: '400',
    POOL_BASE_BY_TRUST_LEVEL: '1',
    PRINCIPAL_CACHE_SECONDS: '60',
  })
})
afterAll(async () => {
  await worker?.close()
  await server?.close()
})

const newUser = async () => {
  const person = await newPerson(worker.url)
  return { ...person, key: await newKey(person, worker.url) }
}

const ask = (key: string, extra: Record<string, unknown>, content = 'hi') =>
  chat({ key, content, baseUrl: worker.url, extra: { model: 'tiny', ...extra } })

describe('what a client says of the longest answer', () => {
  it.each([
    { max_tokens: -1 },
    { max_tokens: 0 },
    { max_tokens: 0.5 },
    { max_completion_tokens: 0 },
    { max_completion_tokens: -7, tools: [] },
    { n: 0 },
    { n: 1.5 },
    { n: -2, max_tokens: 3 },
  ])('%j is no limit, and is refused as at OpenAI', async (extra) => {
    const { key } = await newUser()
    const { status, error } = await ask(key, extra)
    expect(status).toBe(400)
    expect(error).toMatchObject({
      type: 'invalid_request_error',
      param: Object.keys(extra)[0],
    })
  })

  it.each([
    ['the greater of the two names', { max_completion_tokens: 1, max_tokens: 980 }, 1],
    ['as many answers as are asked for', { max_completion_tokens: 200, n: 4 }, 1],
    ['what a model can give where nothing is said', {}, 2],
  ])('counts: %s', async (_, extra, fit) => {
    const person = await newUser()
    const seen = server.requests.length
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => ask(person.key, { ...extra, stream: true }, 'quiet 1500')),
    )
    const passed = answers.filter(({ status }) => status === 200).length
    expect(server.requests.length - seen).toBe(passed)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(12 - passed)
    expect(passed).toBe(fit)
    await usageRows(person.id, 12)
    await checkBooks(person)
  })
})
