import { beforeAll, describe, expect, it } from 'vitest'
import { campaign } from '../../support/campaign.ts'
import { CHAT, chat, MODEL } from '../../support/chat.ts'
import { mutate, noise } from '../../support/mutations.ts'
import { ErrorAnswer } from '../../support/openai-schemas.ts'
import { call, newChatter, sql, standIn, type TestPerson, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const MEBIBYTE = 1024 * 1024
const MUTATIONS = campaign('MUTATIONS', { share: 2_000, full: 10_000 })
const SEED = 20_261_120

let person: TestPerson & { key: string }
beforeAll(async () => {
  person = await newChatter()
  // Thousands of requests must not use the account up, nor wait between words.
  await standIn('config', { consumption: 0, chat: { eventDelayMs: 0, finishDelayMs: 0 } })
  return () => standIn('reset-config', {})
})

const VALID = {
  model: MODEL,
  stream: false,
  stream_options: { include_usage: true },
  temperature: 0.5,
  max_tokens: 100,
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Hi' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'done' },
    { role: 'user', content: 'And now?' },
  ],
  tools: [
    { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
  ],
}
describe('requests of every make', () => {
  it(`${MUTATIONS} damaged ones get no error of ours`, { timeout: 480_000 }, async () => {
    const worker = await workerWith({ RATE_LIMIT: '1000000/1m' })
    const busy = await newChatter()
    const random = noise(SEED)
    const bodies = Array.from({ length: MUTATIONS }, () => mutate(VALID, random))
    const seen = new Map<number, number>()
    const failures: string[] = []
    const work = async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
        const response = await fetch(worker.url + CHAT, {
          method: 'POST',
          headers: { authorization: `Bearer ${busy.key}`, 'content-type': 'application/json' },
          body,
        })
        const text = await response.text()
        seen.set(response.status, (seen.get(response.status) ?? 0) + 1)
        if (response.status >= 500) failures.push(`${response.status} ${text} for ${body}`)
        else if (response.status >= 400) ErrorAnswer.parse(JSON.parse(text))
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    expect(failures.slice(0, 5)).toEqual([])
    expect(seen.get(200)).toBeGreaterThan(MUTATIONS / 20)
    expect(seen.get(400)).toBeGreaterThan(MUTATIONS / 20)
    // Whatever text was in them, each has its row.
    const counted = async () => {
      const [row] = await sql`select count(*)::int as n from usage_logs where user_id = ${busy.id}`
      return Number(row?.n)
    }
    await waitFor(async () => (await counted()) === MUTATIONS)
    await worker.close()
  })
})

describe('large requests', () => {
  const withImage = (bytes: number) => ({
    model: MODEL,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          ...Array.from({ length: Math.ceil(bytes / (4 * MEBIBYTE)) }, () => ({
            type: 'image_url',
            image_url: { url: `data:image/png;base64,${'A'.repeat(4 * MEBIBYTE)}` },
          })),
        ],
      },
    ],
  })

  it('pass with 30 MB of images', async () => {
    const { status, body } = await call(CHAT, { token: person.key, json: withImage(30 * MEBIBYTE) })
    expect({ status, body }).toMatchObject({ status: 200 })
  })

  it('are refused with 60 MB', async () => {
    const { status, body } = await call(CHAT, { token: person.key, json: withImage(60 * MEBIBYTE) })
    expect(status).toBe(413)
    expect(ErrorAnswer.parse(body).error.code).toBe('payload_too_large')
  })
})

it('what is no JSON is refused as OpenAI refuses it', async () => {
  for (const text of ['', '{', 'null', '[]', '"x"', '{"model":']) {
    const { status, body } = await call(CHAT, { method: 'POST', token: person.key, text })
    expect(status).toBe(400)
    expect(ErrorAnswer.parse(body).error.type).toBe('invalid_request_error')
  }
  expect((await chat({ key: person.key })).status).toBe(200)
})
