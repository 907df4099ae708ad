import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { call, newPerson, sql, waitFor } from '../../support/stack.ts'
import { compareTimes, requireAlike } from '../../support/timing.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

/** Hashing alike on both sides would hide what differs, and take minutes. */
const SHORT_HASH = { ARGON2_MEMORY_KIB: '4096', ARGON2_PASSES: '1' }

/** Mails the same person again and again: who asks for one name often is slowed by nothing else. */
let patient: OwnWorker

beforeAll(async () => {
  patient = await workerWith({ MAILBOX_RATE_LIMIT: '100000/1m' })
})
afterAll(() => patient[Symbol.asyncDispose]())

const ask = (path: string, json: Record<string, string>) =>
  call(path, { json, baseUrl: patient.url })

describe('nobody learns from the time', { timeout: 300_000 }, () => {
  it('of a forgotten password whether somebody has the address', async () => {
    const person = await newPerson()
    const about = (email: string) => ask('/api/auth/forgot-password', { email })
    requireAlike(
      await compareTimes(
        () => about(person.email),
        () => about(`${randomUUID()}@example.com`),
      ),
    )
  })

  it.each([
    ['/api/auth/forgot-password', 'email'],
    ['/api/auth/resend-verification', 'email'],
    ['/api/auth/resend-verification', 'username'],
  ] as const)('of %s that mails every time whether somebody has the %s', async (path, field) => {
    const person = await newPerson()
    const about = (name: string) => ask(path, { [field]: name })
    requireAlike(
      await compareTimes(
        () => about(person[field]),
        () => about(field === 'email' ? `${randomUUID()}@example.com` : `n${randomUUID()}`),
        // As if the last mail had been long ago.
        () => sql`update one_time_tokens
            set created_at = created_at - interval '1 hour' where user_id = ${person.id}`,
        // What is mailed after an answer is not to slow the next one.
        () =>
          waitFor(
            async () =>
              (await sql`select 1 from mail_outbox where user_id = ${person.id}`).length === 0,
          ),
      ),
    )
  })

  it('of a forgotten password whether somebody has the user name, either', async () => {
    const person = await newPerson()
    const about = (username: string) => ask('/api/auth/forgot-password', { username })
    requireAlike(
      await compareTimes(
        () => about(person.username),
        () => about(`nobody-${randomUUID()}`),
      ),
    )
  })

  it.each([
    ['with mail', {}],
    ['without mail', { MAIL_API_URL: '', MAIL_FROM: '' }],
    ['where addresses have to be confirmed', { REQUIRE_VERIFIED_EMAIL: 'true' }],
  ])('of a registration %s whether somebody has the address', async (_, settings) => {
    await using worker = await workerWith({ ...SHORT_HASH, ...settings })
    const owner = await newPerson()
    await sql`update users set email_verified_at = now() where id = ${owner.id}`
    const register = (email: string) =>
      call('/api/auth/register', {
        json: { username: `t${randomUUID().slice(0, 12)}`, email, password: `pw-${randomUUID()}` },
        baseUrl: worker.url,
      })
    requireAlike(
      await compareTimes(
        () => register(owner.email),
        () => register(`${randomUUID()}@example.com`),
      ),
    )
  })
})
