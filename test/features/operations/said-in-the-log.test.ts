import { afterAll, beforeAll, expect, it } from 'vitest'
import { type BehindChaos, workerBehindChaos } from '../../support/behind-chaos.ts'
import type { Fault } from '../../support/chaos.ts'
import {
  bringAccount,
  call,
  newKey,
  newPerson,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

/** What an operator reads where something fails. */

let chaos: BehindChaos
let person: TestPerson

beforeAll(async () => {
  chaos = await workerBehindChaos()
  person = await newPerson()
})
afterAll(() => chaos?.[Symbol.asyncDispose]())

async function lineOf(worker: OwnWorker, requestId: string): Promise<Record<string, unknown>> {
  let line: string | undefined
  await waitFor(async () => {
    line = worker.logs.find((entry) => entry.includes(requestId) && /request_failed/.test(entry))
    return line !== undefined
  })
  return JSON.parse(line ?? '{}')
}

/** Calls that need nothing but the store in question. */
const CALLS = {
  redis: () => call('/api/auth/sessions', { token: person.token, baseUrl: chaos.worker.url }),
  database: () => call('/.well-known/jwks.json', { baseUrl: chaos.worker.url }),
}

/** @returns the log's line about a call that meets the fault */
async function failing(broken: 'redis' | 'database', fault: Fault) {
  chaos[broken].fault = fault
  const { status, headers } = await CALLS[broken]()
  chaos[broken].fault = 'none'
  expect(status).toBe(503)
  return lineOf(chaos.worker, String(headers.get('x-request-id')))
}

it.each([
  ['redis', 'refused', 'Redis', /unreachable|no usable answer/],
  ['redis', 'hung', 'Redis', /^timeout$/],
  ['database', 'refused', 'PostgreSQL', /unreachable|no usable answer/],
  ['database', 'hung', 'PostgreSQL', /^timeout$/],
] as const)('%s that is %s is named, with the reason', async (broken, fault, store, reason) => {
  const line = await failing(broken, fault)
  expect(line).toMatchObject({ code: 'service_unavailable', store })
  expect(line.reason).toMatch(reason)
})

it('a store that refuses us is told from one that is not there', async () => {
  await using worker = await workerWith({ UPSTASH_REDIS_REST_TOKEN: 'another-token' })
  const { status, headers } = await call('/api/auth/sessions', {
    token: person.token,
    baseUrl: worker.url,
  })
  expect(status).toBe(503)
  const line = await lineOf(worker, String(headers.get('x-request-id')))
  expect(line).toMatchObject({ store: 'Redis', reason: expect.stringMatching(/^refused: /) })
})

it('where what is kept sealed opens no more, it says which setting', async () => {
  await bringAccount(person)
  const key = await newKey(person)
  const PLUGIN_API_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64')
  await using worker = await workerWith({ PLUGIN_API_ENCRYPTION_KEY })
  const { status, body, headers } = await call<{ error: { message: string; code: string } }>(
    '/v1/chat/completions',
    {
      token: key,
      baseUrl: worker.url,
      json: { model: 'gemini-3-pro-high', messages: [{ role: 'user', content: 'Hi' }] },
    },
  )
  expect([status, body.error.code]).toEqual([500, 'misconfigured'])
  expect(body.error.message).toContain('PLUGIN_API_ENCRYPTION_KEY')
  const line = await lineOf(worker, String(headers.get('x-request-id')))
  expect(line).toMatchObject({ code: 'misconfigured', problem: expect.stringMatching(/./) })
})
