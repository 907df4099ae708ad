import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mailsTo, mailTo, tokenIn } from '../../support/mail.ts'
import { call, newPerson, stack, type TestPerson, waitFor } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const newAddress = () => `${randomUUID()}@example.com`
const newName = () => `k${randomUUID().slice(0, 12)}`
const newPassword = () => `pw-${randomUUID()}`

const confirm = async (email: string) =>
  call('/api/auth/verify-email', { json: { token: tokenIn(await mailTo(email, /Confirm/)) } })

/** Somebody whose address is theirs. */
async function newOwner(): Promise<TestPerson> {
  const person = await newPerson()
  expect((await confirm(person.email)).status).toBe(200)
  return person
}

/** All that somebody can see who registers with an address and then plays with their new account. */
async function observe(email: string, baseUrl: string) {
  const seen: unknown[] = []
  const person = { username: newName(), email, password: newPassword() }
  const see = async (path: string, json?: unknown, token?: string) => {
    const answer = await call(path, {
      baseUrl,
      ...(json !== undefined && { json }),
      ...(token && { token }),
    })
    const { status, body } = answer
    seen.push([
      path.split('?')[0],
      status,
      Array.isArray(body) ? body.length : Object.keys(body).sort(),
      body.code,
    ])
    return answer
  }
  const byAddress = (password: string) => see('/api/auth/login', { email, password })
  const byName = (password: string) =>
    see('/api/auth/login', { username: person.username, password })

  const registered = await see('/api/auth/register', person)
  expect([201, 202]).toContain(registered.status)
  await see('/api/auth/register', person)
  await see(`/api/auth/check-username?username=${person.username}`)
  const { body } = await byAddress(person.password)
  const token = typeof body.access_token === 'string' ? body.access_token : undefined
  const me = await see('/api/users/me', undefined, token)
  if (token) expect(me.body).toMatchObject({ email, is_verified: false })
  await see('/api/auth/forgot-password', { email })
  await see('/api/auth/resend-verification', { email })
  // The failures that are forgotten, and those that are not.
  for (let round = 0; round < 2; round++) {
    await byAddress('wrong')
    await byAddress('wrong')
    await byAddress(person.password)
  }
  await byName('wrong')
  await byAddress('wrong')
  await byName(person.password)
  await byAddress('wrong')
  await byAddress(person.password)
  await byName(person.password)
  if (token) {
    let events: string[] = []
    await waitFor(async () => {
      const { body } = await call<{ items: { event: string }[] }>('/api/auth/events', {
        baseUrl,
        token,
      })
      events = body.items.map(({ event }) => event).sort()
      return events.filter((event) => event === 'login.failed').length >= 6
    })
    seen.push(events)
  }
  return seen
}

const WORKERS: Record<string, Record<string, string> | null> = {
  'with mail': null,
  'without mail': { MAIL_API_URL: '', MAIL_FROM: '' },
  'where addresses have to be confirmed': { REQUIRE_VERIFIED_EMAIL: 'true' },
}

describe.each(Object.entries(WORKERS))('an address that is known already, %s,', (_, settings) => {
  let worker: OwnWorker | undefined
  beforeAll(async () => {
    if (settings) worker = await workerWith(settings)
  })
  afterAll(() => worker?.[Symbol.asyncDispose]())

  it('looks like any other to whoever registers with it', { timeout: 300_000 }, async () => {
    const baseUrl = worker?.url ?? stack.baseUrl
    const [unknown, confirmed, claimed] = await Promise.all([
      observe(newAddress(), baseUrl),
      observe((await newOwner()).email, baseUrl),
      observe((await newPerson()).email.toUpperCase(), baseUrl),
    ])
    expect(confirmed).toEqual(unknown)
    expect(claimed).toEqual(unknown)
  })
})

describe('whoever has confirmed an address', () => {
  it('is told that somebody tried to register with it, and loses nothing', async () => {
    const owner = await newOwner()
    const other = { username: newName(), email: owner.email, password: newPassword() }
    expect((await call('/api/auth/register', { json: other })).status).toBe(201)

    const mail = await mailTo(owner.email, /have an account already/)
    expect(mail.text).not.toContain('#token=')
    const subjects = (await mailsTo(owner.email)).map(({ subject }) => subject)
    expect(subjects.filter((subject) => /Confirm/.test(subject))).toHaveLength(1)

    const login = await call<{ user_id: number }>('/api/auth/login', {
      json: { email: owner.email, password: owner.password },
    })
    expect(login.body.user_id).toBe(owner.id)
    await call('/api/auth/forgot-password', { json: { email: owner.email } })
    const reset = tokenIn(await mailTo(owner.email, /password/))
    const password = newPassword()
    await call('/api/auth/reset-password', { json: { token: reset, new_password: password } })
    const again = await call<{ user_id: number }>('/api/auth/login', {
      json: { username: owner.username, password },
    })
    expect(again.body.user_id).toBe(owner.id)
  })

  it('gets no mail on behalf of somebody who only claims it', async () => {
    const owner = await newOwner()
    const claimant = { username: newName(), email: owner.email, password: newPassword() }
    await call('/api/auth/register', { json: claimant })
    await mailTo(owner.email, /have an account already/)
    const before = (await mailsTo(owner.email)).length
    await call('/api/auth/resend-verification', { json: { username: claimant.username } })
    await call('/api/auth/forgot-password', { json: { username: claimant.username } })
    // The next mail that does go out shows that these have not.
    await call('/api/auth/forgot-password', { json: { username: owner.username } })
    await mailTo(owner.email, /new password|password/)
    expect(await mailsTo(owner.email)).toHaveLength(before + 1)
  })
})

describe('an address that several people claim', () => {
  it('belongs to whoever confirms it first', async () => {
    const email = newAddress()
    const people = [1, 2].map(() => ({ username: newName(), email, password: newPassword() }))
    for (const person of people) await call('/api/auth/register', { json: person })
    let mails: string[] = []
    await waitFor(async () => {
      mails = (await mailsTo(email)).map(tokenIn)
      return mails.length === 2
    })
    const [first, second] = mails
    expect((await call('/api/auth/verify-email', { json: { token: first } })).status).toBe(200)
    expect(await call('/api/auth/verify-email', { json: { token: second } })).toMatchObject({
      status: 409,
      body: { code: 'email_taken' },
    })
  })

  it('is confirmed for one of them, however many try at once', async () => {
    const email = newAddress()
    for (let index = 0; index < 5; index++)
      await call('/api/auth/register', {
        json: { username: newName(), email, password: newPassword() },
      })
    await waitFor(async () => (await mailsTo(email)).length === 5)
    const answers = await Promise.all(
      (await mailsTo(email)).map((mail) =>
        call('/api/auth/verify-email', { json: { token: tokenIn(mail) } }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(4).fill(409)])
  })

  it('lets nobody guess at its owner by signing in to an account of their own', async () => {
    const owner = await newOwner()
    const other = { username: newName(), email: owner.email, password: newPassword() }
    await call('/api/auth/register', { json: other })
    const login = (password: string) =>
      call('/api/auth/login', { json: { email: owner.email, password } })
    const statuses = []
    for (let guess = 0; guess < 5; guess++) {
      statuses.push((await login(`guess-${guess}`)).status)
      statuses.push((await login(other.password)).status)
    }
    expect(statuses.slice(0, 9)).toEqual([401, 200, 401, 200, 401, 200, 401, 200, 401])
    expect(statuses[9]).toBe(429)
  })
})
