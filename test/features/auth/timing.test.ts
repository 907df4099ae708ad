import { randomUUID } from 'node:crypto'
import { describe, it } from 'vitest'
import { call, newPerson, sql, waitFor } from '../../support/stack.ts'
import { compareTimes, requireAlike } from '../../support/timing.ts'
import { workerWith } from '../../support/worker-with.ts'

describe('nobody learns from the time', { timeout: 300_000 }, () => {
  it('of a forgotten password whether somebody has the address', async () => {
    const person = await newPerson()
    const ask = (email: string) => call('/api/auth/forgot-password', { json: { email } })
    requireAlike(
      await compareTimes(
        () => ask(person.email),
        () => ask(`${randomUUID()}@example.com`),
      ),
    )
  })

  it.each([
    ['/api/auth/forgot-password', 'email'],
    ['/api/auth/resend-verification', 'email'],
    ['/api/auth/resend-verification', 'username'],
  ] as const)('of %s that mails every time whether somebody has the %s', async (path, field) => {
    const person = await newPerson()
    const ask = (name: string) => call(path, { json: { [field]: name } })
    requireAlike(
      await compareTimes(
        () => ask(person[field]),
        () => ask(field === 'email' ? `${randomUUID()}@example.com` : `n${randomUUID()}`),
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
    const ask = (username: string) => call('/api/auth/forgot-password', { json: { username } })
    requireAlike(
      await compareTimes(
        () => ask(person.username),
        () => ask(`nobody-${randomUUID()}`),
      ),
    )
  })

  it.each([
    ['with mail', {}],
    ['without mail', { MAIL_API_URL: '', MAIL_FROM: '' }],
    ['where addresses have to be confirmed', { REQUIRE_VERIFIED_EMAIL: 'true' }],
  ])('of a registration %s whether somebody has the address', async (_, settings) => {
    await using worker = await workerWith(settings as Record<string, string>)
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
