import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type BehindChaos, workerBehindChaos } from '../../support/behind-chaos.ts'
import { chat } from '../../support/chat.ts'
import { reached } from '../../support/quota.ts'
import { call, newChatter, newPerson, sql, type TestPerson, waitFor } from '../../support/stack.ts'

let behind: BehindChaos

beforeAll(async () => {
  behind = await workerBehindChaos()
})
beforeEach(() => setDelay(0))
afterAll(() => behind?.[Symbol.asyncDispose]())

function setDelay(ms: number): void {
  for (const store of [behind.redis, behind.database]) store.delayMs = ms
}

const login = ({ username, password }: TestPerson) =>
  call('/api/auth/login', { json: { username, password }, baseUrl: behind.worker.url })
const changePassword = ({ token, password }: TestPerson) =>
  call('/api/auth/change-password', {
    token,
    json: { old_password: password, new_password: `new-${randomUUID()}` },
    baseUrl: behind.worker.url,
  })
const changeName = ({ token }: TestPerson) =>
  call('/api/users/me', {
    method: 'PUT',
    token,
    json: { username: `u${randomUUID().slice(0, 13)}` },
    baseUrl: behind.worker.url,
  })

it.each([
  ['login', login],
  ['a change of the password', changePassword],
])('slow calls, each in time by itself, end %s together', async (_, ask) => {
  const person = await newPerson(behind.worker.url)
  setDelay(1_000)
  const startedAt = performance.now()
  const { status, headers } = await ask(person)
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  expect({ status, retryAfter: headers.get('retry-after') }).toEqual({
    status: 503,
    retryAfter: expect.any(String),
  })
  setDelay(0)
  expect((await login(person)).status).toBe(200)
})

it('a chat waits no longer for its stores than the site does', async () => {
  const person = await newChatter()
  setDelay(1_200)
  const options = { key: person.key, content: `slow-${person.id}`, baseUrl: behind.worker.url }
  const { status, durationMs } = await chat(options)
  expect({ status, isLate: durationMs > 3_000 }).toEqual({ status: 503, isLate: false })
  expect(await reached(options.content)).toBe(0)
  setDelay(0)
  expect((await chat(options)).status).toBe(200)
})

it('calls that are not that slow are waited for, and so is what happens after the answer', async () => {
  const person = await newPerson(behind.worker.url)
  const before = await eventsOf(person, 'login.succeeded')
  setDelay(300)
  expect((await login(person)).status).toBe(200)
  expect((await changeName(person)).status).toBe(200)
  // The rest may take longer than the request could have waited for.
  setDelay(1_000)
  await waitFor(async () => (await eventsOf(person, 'login.succeeded')) > before)
})

it('what is written about a failure takes its time, though the request has used up its own', async () => {
  const person = await newPerson(behind.worker.url)
  // Three calls in turn: whose name it is, the attempt, its failure. What is left is too short for a fourth.
  setDelay(700)
  expect((await login({ ...person, password: 'not it' })).status).toBe(401)
  await waitFor(async () => (await eventsOf(person, 'login.failed')) === 1)
  // Nobody gave it up meanwhile.
  expect(behind.worker.logs.filter((line) => line.includes('audit_row'))).toEqual([])
})

async function eventsOf({ id }: TestPerson, event: string): Promise<number> {
  const [row] = await sql`
    select count(*)::int as count from audit_events where user_id = ${id} and event = ${event}`
  return Number(row?.count)
}
