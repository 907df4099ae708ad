import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { APICallError, generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { beforeAll, describe, expect, it } from 'vitest'
import { arm, chat, MODEL, usageRows } from '../../support/chat.ts'
import {
  bringAccount,
  newChatter,
  newKey,
  newPerson,
  stack,
  standIn,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'

type Chatter = TestPerson & { key: string }

interface Row {
  /** What goes wrong behind the gateway. */
  situation: string
  /** Brings it about; returns what the prompt has to contain, or another person to ask as. */
  arrange: () => Promise<{ marker?: string; as?: Chatter }>
  status: number
  code: string
  /** Where the stream has begun before it fails. */
  breaksMidway?: boolean
  retryAfter?: boolean
}

const armed = (failure: string, options?: Record<string, unknown>) => async () => ({
  marker: await arm(failure, options),
})

/** Each such person is brought about once. */
const as = (make: () => Promise<Chatter>) => {
  let made: Promise<Chatter> | undefined
  return async () => {
    made ??= make()
    return { as: await made }
  }
}

/** Everything that the plug-in does wrong, or that happens to it, and what a client has to see. */
const ROWS: Row[] = [
  {
    situation: 'nobody has an account for the person',
    arrange: as(personWithoutAccount),
    status: 403,
    code: 'no_account',
  },
  {
    situation: 'the own account has nothing left for the model',
    arrange: as(personWithSpentAccount),
    status: 429,
    code: 'insufficient_quota',
    retryAfter: true,
  },
  {
    situation: 'the pool is empty for the model',
    arrange: as(personWithEmptyPool),
    status: 429,
    code: 'insufficient_quota',
    retryAfter: true,
  },
  {
    situation: 'the request cannot be built',
    arrange: armed('build_failed'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'the upstream is out of quota',
    arrange: armed('resource_exhausted'),
    status: 429,
    code: 'insufficient_quota',
    retryAfter: true,
  },
  {
    situation: 'upstream 400',
    arrange: armed('upstream_400'),
    status: 400,
    code: 'invalid_request',
  },
  {
    situation: 'upstream 403',
    arrange: armed('upstream_403_permission'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 403 everywhere',
    arrange: async () => ({ marker: await arm('upstream_403'), as: await newChatter() }),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 401',
    arrange: armed('upstream_401'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 500',
    arrange: armed('upstream_500'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 502 with HTML',
    arrange: armed('upstream_502'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 503',
    arrange: armed('upstream_503'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'the content is refused',
    arrange: armed('illegal_prompt'),
    status: 400,
    code: 'content_policy_violation',
  },
  {
    situation: 'the connection is lost midway',
    arrange: armed('terminated_midway'),
    status: 502,
    code: 'upstream_error',
    breaksMidway: true,
  },
  {
    situation: 'an image is too large',
    arrange: armed('image_too_large'),
    status: 400,
    code: 'invalid_request',
  },
  {
    situation: 'our own key is refused',
    arrange: armed('invalid_key_401'),
    status: 502,
    code: 'upstream_error',
  },
  { situation: 'an HTML page', arrange: armed('html_error'), status: 502, code: 'upstream_error' },
  {
    situation: 'an HTML page as 404',
    arrange: armed('html_error', { status: 404 }),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'the connection is refused',
    arrange: armed('refuse'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'the connection is reset midway',
    arrange: armed('reset_midway'),
    status: 502,
    code: 'upstream_error',
    breaksMidway: true,
  },
  {
    situation: 'the answer ends early',
    arrange: armed('clean_early_end'),
    status: 502,
    code: 'upstream_error',
    breaksMidway: true,
  },
  {
    situation: 'the answer is garbage',
    arrange: armed('garbage'),
    status: 502,
    code: 'upstream_error',
    breaksMidway: true,
  },
]

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

async function personWithoutAccount(): Promise<Chatter> {
  const somebody = await newPerson()
  await provisioned(somebody)
  return { ...somebody, key: await newKey(somebody) }
}

async function provisioned(somebody: TestPerson): Promise<void> {
  await waitFor(async () => {
    const response = await fetch(`${stack.baseUrl}/api/plugin-api/key`, {
      headers: { authorization: `Bearer ${somebody.token}` },
    })
    return ((await response.json()) as { state: string }).state === 'ready'
  })
}

async function personWithSpentAccount(): Promise<Chatter> {
  const somebody = await newPerson()
  const cookie = await bringAccount(somebody)
  await standIn('account', { cookie_id: cookie, live: { [MODEL]: 0 }, stored: { [MODEL]: 0 } })
  return { ...somebody, key: await newKey(somebody) }
}

async function personWithEmptyPool(): Promise<Chatter> {
  const somebody = await newPerson()
  // Lending an account that has nothing left credits nothing.
  await bringAccount(somebody, 1, 0)
  return { ...somebody, key: await newKey(somebody) }
}
