import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type BehindChaos, workerBehindChaos } from '../../support/behind-chaos.ts'
import type { ChaosProxy } from '../../support/chaos.ts'
import { mailsTo, mailTo } from '../../support/mail.ts'
import { redis } from '../../support/redis.ts'
import { call, fireCron, newPerson, sql, type TestPerson, waitFor } from '../../support/stack.ts'
import type { OwnWorker } from '../../support/worker-with.ts'

const BACKLOG = 'audit:backlog'
const OFTEN = '*/5 * * * *'

let behind: BehindChaos
let database: ChaosProxy
let store: ChaosProxy
let worker: OwnWorker

beforeAll(async () => {
  behind = await workerBehindChaos({ REFRESH_REUSE_LEEWAY_SECONDS: '0' })
  ;({ database, redis: store, worker } = behind)
})
beforeEach(() => {
  for (const proxy of [database, store]) {
    proxy.fault = 'none'
    proxy.match = () => true
  }
})
afterAll(() => behind?.[Symbol.asyncDispose]())

const eventsOf = async ({ id }: TestPerson, event: string) =>
  sql`select outcome, actor_type, request_id, details from audit_events
    where user_id = ${id} and event = ${event}`

/** What waits in Redis about somebody. */
async function keptOf({ id }: TestPerson) {
  const values = await redis<string[]>('HVALS', BACKLOG)
  return values
    .map((text) => JSON.parse(text) as { userId: number; event: string; actorUserId: number })
    .filter(({ userId }) => userId === id)
}

const refreshWith = (refresh_token: string) =>
  call('/api/auth/refresh', { json: { refresh_token }, baseUrl: worker.url })

/** Somebody whom Redis knows: nothing that the plug-in API needs is still under way. */
async function newVisitor(): Promise<TestPerson> {
  const person = await newPerson(worker.url)
  await waitFor(async () => {
    const { body } = await call('/api/plugin-api/key', { token: person.token })
    return body.state === 'ready'
  })
  await waitFor(async () => {
    // What a change has left there keeps copies away for ten seconds.
    if ((await redis('GET', `person:${person.id}`)) === '-')
      await redis('DEL', `person:${person.id}`)
    await call('/api/auth/me', { token: person.token })
    return Boolean((await redis<string | null>('GET', `person:${person.id}`))?.startsWith('{'))
  })
  return person
}

/** Has a refresh token used twice. @returns the answer to the second use */
async function replay(person: TestPerson) {
  const first = await refreshWith(person.refreshToken)
  expect(first.status).toBe(200)
  database.fault = 'refused'
  const second = await refreshWith(person.refreshToken)
  return { next: (first.body as { refresh_token: string }).refresh_token, second }
}

it('an event that the database does not take is written once it is back, and once', async () => {
  const person = await newVisitor()
  database.fault = 'refused'
  const out = await call('/api/auth/logout-all', {
    method: 'POST',
    token: person.token,
    baseUrl: worker.url,
  })
  expect(out.status).toBe(200)
  await waitFor(async () => (await keptOf(person)).length === 1)
  // A run while it is still away loses nothing.
  await fireCron(OFTEN, worker.url)
  const [kept] = await keptOf(person)
  expect(kept).toMatchObject({ event: 'session.all_ended', actorUserId: person.id })

  database.fault = 'none'
  await Promise.all([fireCron(OFTEN, worker.url), fireCron(OFTEN)])
  expect(await eventsOf(person, 'session.all_ended')).toEqual([
    expect.objectContaining({ outcome: 'success', actor_type: 'session' }),
  ])
  expect(await keptOf(person)).toEqual([])
  // Kept once more, as after an answer that was lost.
  await redis('HSET', BACKLOG, crypto.randomUUID(), JSON.stringify(kept))
  await fireCron(OFTEN)
  expect(await keptOf(person)).toEqual([])
  expect(await eventsOf(person, 'session.all_ended')).toHaveLength(1)
})

it('an event that was written, and whose answer was lost, is there once', async () => {
  const person = await newVisitor()
  database.match = (body) => body.includes('session.all_ended')
  database.fault = 'dropped'
  await call('/api/auth/logout-all', { method: 'POST', token: person.token, baseUrl: worker.url })
  await waitFor(async () => (await keptOf(person)).length === 1)
  database.fault = 'none'
  await fireCron(OFTEN)
  expect(await keptOf(person)).toEqual([])
  expect(await eventsOf(person, 'session.all_ended')).toHaveLength(1)
})

it('a stolen refresh token ends the session and is told of, by mail too, when the database is back', async () => {
  const person = await newVisitor()
  const { next, second } = await replay(person)
  expect(second.status).toBe(401)
  await waitFor(async () => (await keptOf(person)).length === 1)
  expect(JSON.stringify(await keptOf(person))).not.toContain('#token')

  database.fault = 'none'
  expect((await refreshWith(next)).status).toBe(401)
  await Promise.all([fireCron(OFTEN, worker.url), fireCron(OFTEN)])
  expect(await eventsOf(person, 'session.refresh_reused')).toEqual([
    expect.objectContaining({ outcome: 'failure' }),
  ])
  await waitFor(async () => {
    await fireCron(OFTEN)
    return (await sql`select 1 from mail_outbox where user_id = ${person.id}`).length === 0
  })
  await mailTo(person.email, /sign/i)
  const alarms = (await mailsTo(person.email)).filter(({ subject }) => !/Confirm/.test(subject))
  expect(alarms).toHaveLength(1)
})

it('a stolen refresh token is noticed although nobody can say whose it is', async () => {
  const person = await newVisitor()
  const first = await refreshWith(person.refreshToken)
  await redis('DEL', `person:${person.id}`)
  database.fault = 'refused'
  expect((await refreshWith(person.refreshToken)).status).toBe(401)
  await waitFor(async () => (await keptOf(person)).length === 1)
  database.fault = 'none'
  const { status } = await refreshWith((first.body as { refresh_token: string }).refresh_token)
  expect(status).toBe(401)
  await fireCron(OFTEN)
  expect(await eventsOf(person, 'session.refresh_reused')).toHaveLength(1)
})

it('an event that neither store takes is in the log', async () => {
  const person = await newVisitor()
  database.fault = 'refused'
  store.match = (body) => body.includes(BACKLOG)
  store.fault = 'refused'
  await call('/api/auth/logout-all', { method: 'POST', token: person.token, baseUrl: worker.url })
  const line = () => worker.logs.find((entry) => entry.includes('audit_row_not_written'))
  await waitFor(async () => line() !== undefined)
  expect(JSON.parse(line() ?? '{}')).toMatchObject({
    level: 'error',
    audit_event: 'session.all_ended',
    userId: person.id,
    details: '{"sessions":1}',
  })
})

it('an event about somebody who is gone by then says nothing of them', async () => {
  const person = await newVisitor()
  database.fault = 'refused'
  const { headers } = await call('/api/auth/logout-all', {
    method: 'POST',
    token: person.token,
    baseUrl: worker.url,
    headers: { 'user-agent': 'a browser' },
  })
  await waitFor(async () => (await keptOf(person)).length === 1)
  await sql`delete from users where id = ${person.id}`
  await fireCron(OFTEN)
  expect(
    await sql`select user_id, actor_user_id, ip, user_agent from audit_events
      where event = 'session.all_ended' and request_id = ${headers.get('x-request-id')}`,
  ).toEqual([{ user_id: null, actor_user_id: null, ip: null, user_agent: null }])
})

it('a sign-in that comes to no session is noted nowhere', async () => {
  const person = await newVisitor()
  const noted = async () => ({
    logins: await eventsOf(person, 'login.succeeded'),
    at: await sql`select last_login_at from users where id = ${person.id}`,
  })
  const before = await noted()
  const login = () => call('/api/auth/login', { json: person, baseUrl: worker.url })
  // Only opening a session names the person's list of sessions.
  store.match = (body) => body.includes(`user-sessions:${person.id}`)
  store.fault = 'refused'
  expect((await login()).status).toBe(503)
  expect(await noted()).toEqual(before)

  store.fault = 'none'
  database.match = (body) => body.includes('login.succeeded')
  database.fault = 'refused'
  expect((await login()).status).toBe(503)
  await waitFor(async () => {
    const { body } = await call<object[]>('/api/auth/sessions', { token: person.token })
    return body.length === 1
  })
})
