import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mailsTo, mailTo, tokenIn } from '../../support/mail.ts'
import { call, newPerson, sql, type TestPerson, waitFor } from '../../support/stack.ts'

/** As `MAILBOX_RATE_LIMIT` is by default. */
const LIMIT = 5

const newAddress = () => `${randomUUID()}@example.com`
const changeTo = (person: TestPerson, new_email: string) =>
  call('/api/auth/change-email', { token: person.token, json: { new_email } })

/** Lets the shortest time between two links of a person pass. */
const letLinksPass = (ids: number[]) =>
  sql`update one_time_tokens set created_at = created_at - interval '2 minutes'
    where user_id = any(${ids}::integer[])`

/** Until nothing waits to be sent there. */
const settled = (email: string) =>
  waitFor(
    async () =>
      (await sql`select 1 from mail_outbox where lower(recipient) = ${email.toLowerCase()}`)
        .length === 0,
  )

const register = async (email: string) => {
  const json = { username: `m${randomUUID().slice(0, 12)}`, email, password: `pw-${randomUUID()}` }
  const { status, body } = await call<{ id: number }>('/api/auth/register', { json })
  return { status, id: body.id, username: json.username }
}

describe('nobody can flood a mailbox', () => {
  it('by changing their address to it: one person is refused after a few', async () => {
    const [person, victim] = [await newPerson(), newAddress()]
    const statuses = []
    for (let index = 0; index < 2 * LIMIT; index++)
      statuses.push((await changeTo(person, victim)).status)
    expect(statuses).toEqual([...Array(LIMIT).fill(202), ...Array(LIMIT).fill(429)])
    const refused = await changeTo(person, newAddress())
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await settled(victim)
    expect(await mailsTo(victim)).toHaveLength(LIMIT)
  })

  it('nor several people, who are answered as ever', async () => {
    const victim = newAddress()
    const people = await Promise.all([newPerson(), newPerson(), newPerson()])
    const answers = await Promise.all(
      people.flatMap((person) => [0, 1, 2].map(() => changeTo(person, victim.toUpperCase()))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(202))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    await settled(victim)
    expect((await mailsTo(victim.toUpperCase())).length).toBe(LIMIT)
  })

  it('from many addresses of the network', async () => {
    const victim = newAddress()
    const answers = []
    for (let index = 0; index < 3 * LIMIT; index++) answers.push(await register(victim))
    expect(answers.map(({ status }) => status)).toEqual(Array(3 * LIMIT).fill(201))
    await settled(victim)
    expect(await mailsTo(victim)).toHaveLength(LIMIT)
  })

  it('by asking again for the links of accounts that claim it', async () => {
    const victim = newAddress()
    const claimants = await Promise.all([register(victim), register(victim), register(victim)])
    for (let round = 0; round < 4; round++) {
      await letLinksPass(claimants.map(({ id }) => id))
      for (const { username } of claimants)
        for (const path of ['resend-verification', 'forgot-password'])
          expect((await call(`/api/auth/${path}`, { json: { username } })).status).toBe(202)
    }
    await settled(victim)
    const subjects = (await mailsTo(victim)).map(({ subject }) => subject)
    const confirming = subjects.filter((subject) => /Confirm/.test(subject))
    expect(confirming).toHaveLength(LIMIT)
    expect(subjects.length - confirming.length).toBeLessThanOrEqual(2 * LIMIT)
  })
})

describe('a flood', () => {
  it('leaves its victim with a link that works', async () => {
    const person = await newPerson()
    const first = await mailTo(person.email, /Confirm/)
    expect((await call('/api/auth/verify-email', { json: { token: tokenIn(first) } })).status).toBe(
      200,
    )
    for (let index = 0; index < 3 * LIMIT; index++) await register(person.email)
    for (let index = 0; index < 3 * LIMIT; index++) {
      await letLinksPass([person.id])
      const name = index % 2 === 0 ? { email: person.email } : { username: person.username }
      expect((await call('/api/auth/forgot-password', { json: name })).status).toBe(202)
    }
    await settled(person.email)
    const links = (await mailsTo(person.email)).filter(({ subject }) => /password/.test(subject))
    expect(links).toHaveLength(2 * LIMIT)
    const resets = await Promise.all(
      links.map((mail) =>
        call('/api/auth/reset-password', {
          json: { token: tokenIn(mail), new_password: `pw-${randomUUID()}` },
        }),
      ),
    )
    expect(resets.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})
