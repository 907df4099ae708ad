import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { campaign } from '../../support/campaign.ts'
import { redis } from '../../support/redis.ts'
import { call, newPerson, sql, waitFor } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const PARALLEL = 50
const ROUNDS = campaign('RACE_ROUNDS', { share: 2, full: 20 })

/** Each of these costs a password hash. */
const REGISTRATIONS = ROUNDS < 20 ? 20 : PARALLEL

const parallel = <Result>(work: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: PARALLEL }, (_, index) => work(index)))
const count = (answers: { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length
const refresh = (refresh_token: string, baseUrl?: string) =>
  call('/api/auth/refresh', { json: { refresh_token }, ...(baseUrl && { baseUrl }) })

let strict: OwnWorker
beforeAll(async () => {
  strict = await workerWith({ REFRESH_REUSE_LEEWAY_SECONDS: '0' })
})
afterAll(() => strict[Symbol.asyncDispose]())

describe.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))('round %i', () => {
  it('many parallel refreshes of one client are one', async () => {
    const person = await newPerson()
    const answers = await parallel(() => refresh(person.refreshToken))
    expect(count(answers, 200)).toBe(PARALLEL)
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
    const token = answers[0]?.body.access_token as string
    expect((await call('/api/auth/me', { token })).status).toBe(200)
  })

  it('without a leeway one of them wins, and the replays end the session', async () => {
    const person = await newPerson()
    const answers = await parallel(() => refresh(person.refreshToken, strict.url))
    expect(count(answers, 200)).toBe(1)
    expect(count(answers, 401)).toBe(PARALLEL - 1)
    const winner = answers.find(({ status }) => status === 200)?.body.access_token as string
    expect((await call('/api/auth/me', { token: winner })).status).toBe(401)
    const replays = () => sql`select 1 from audit_events
      where user_id = ${person.id} and event = 'session.refresh_reused'`
    await waitFor(async () => (await replays()).length > 0)
    expect(await replays()).toHaveLength(1)
  })

  it('ending all sessions leaves none of the parallel sign-ins that it overtook alive for good', async () => {
    const person = await newPerson()
    const [logins] = await Promise.all([
      Promise.all(
        Array.from({ length: 4 }, () =>
          call<{ access_token: string }>('/api/auth/login', { json: person }),
        ),
      ),
      call('/api/auth/logout-all', { method: 'POST', token: person.token }),
    ])
    expect((await call('/api/auth/me', { token: person.token })).status).toBe(401)
    // Each sign-in either counted or was refused; what was given out and lives is in the list.
    const alive = []
    for (const { status, body } of logins) {
      expect([200, 401]).toContain(status)
      if (
        status === 200 &&
        (await call('/api/auth/me', { token: body.access_token })).status === 200
      )
        alive.push(body.access_token)
    }
    const token = alive[0]
    if (token) {
      const { body } = await call<unknown[]>('/api/auth/sessions', { token })
      expect(body).toHaveLength(alive.length)
    }
  })

  it('parallel guesses never get more attempts than allowed', async () => {
    const person = await newPerson()
    const answers = await parallel(() =>
      call('/api/auth/login', { json: { username: person.username, password: 'wrong' } }),
    )
    expect(count(answers, 401)).toBe(5)
    expect(await redis('GET', `lockout:user:${person.id}`)).toBe('5')
  })

  it('one of many parallel registrations of a name wins', async () => {
    const username = `u${randomUUID().slice(0, 13)}`
    const answers = await Promise.all(
      Array.from({ length: REGISTRATIONS }, (_, index) =>
        call('/api/auth/register', {
          json: {
            username: index % 2 ? username : username.toUpperCase(),
            password: `pw-${randomUUID()}`,
          },
        }),
      ),
    )
    expect(count(answers, 201)).toBe(1)
    expect(count(answers, 409)).toBe(REGISTRATIONS - 1)
    const rows = await sql`select 1 from users where username_key = ${username}`
    expect(rows).toHaveLength(1)
  })
})
