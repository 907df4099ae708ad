import { afterAll, beforeAll, expect, it } from 'vitest'
import { type BehindChaos, workerBehindChaos } from '../../support/behind-chaos.ts'
import { redis } from '../../support/redis.ts'
import { call, newPerson, sql, waitFor } from '../../support/stack.ts'

/** What counts as a wrong guess, and what does not. */

let behind: BehindChaos
beforeAll(async () => {
  behind = await workerBehindChaos({ LOGIN_RATE_LIMIT: '1000/1m' })
})
afterAll(() => behind?.[Symbol.asyncDispose]())

const login = (username: string, password: string, baseUrl?: string) =>
  call('/api/auth/login', { json: { username, password }, ...(baseUrl && { baseUrl }) })

it('right passwords side by side lock nobody out', async () => {
  const person = await newPerson()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => login(person.username, person.password)),
  )
  const statuses = new Set(answers.map(({ status }) => status))
  expect([...statuses].filter((status) => status !== 200 && status !== 429)).toEqual([])
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5)
  for (const { status, headers, body } of answers) {
    if (status !== 429) continue
    expect(body.code).toBe('rate_limited')
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(5)
  }
  expect((await login(person.username, person.password)).status).toBe(200)
  const rows = await sql`select 1 from audit_events
    where user_id = ${person.id} and event in ('login.locked', 'login.failed')`
  expect(rows).toEqual([])
})

it('guesses side by side are as many as ever', async () => {
  const person = await newPerson()
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => login(person.username, 'wrong')),
  )
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
  expect(await redis('GET', `lockout:user:${person.id}`)).toBe('5')
  expect((await login(person.username, person.password)).body.code).toBe('account_locked')
})

it('a sign-in that ended in an outage is no wrong guess', async () => {
  const person = await newPerson()
  const { worker, redis: store, database } = behind
  // The person is found, the attempt is counted, and then a store is gone.
  for (let attempt = 0; attempt < 7; attempt++) {
    database.match = (body) => /last_login_at/.test(body) && /update/.test(body)
    database.fault = 'refused'
    expect((await login(person.username, person.password, worker.url)).status).toBe(503)
    database.fault = 'none'
  }
  for (let attempt = 0; attempt < 7; attempt++) {
    store.match = (body) => /session-generation/.test(body)
    store.fault = 'refused'
    expect((await login(person.username, 'wrong', worker.url)).status).toBe(503)
    store.fault = 'none'
    await waitFor(
      async () => (await redis('ZCARD', `lockout:user:${person.id}:under-way`)) === 0,
      20_000,
    )
  }
  expect((await login(person.username, person.password, worker.url)).status).toBe(200)
})

it('nor is one whose Worker died', async () => {
  const person = await newPerson()
  // As its attempts are left behind.
  for (let attempt = 0; attempt < 5; attempt++)
    await redis('ZADD', `lockout:user:${person.id}:under-way`, Date.now() - 1, `dead-${attempt}`)
  expect((await login(person.username, person.password)).status).toBe(200)
})

it('while Redis is lost nobody hears of a wrong password', { timeout: 120_000 }, async () => {
  const person = await newPerson()
  const { worker, redis: store } = behind
  store.match = () => true
  for (const fault of ['refused', 'dropped', 'reset'] as const) {
    const asking = Array.from({ length: 20 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 30))
      return (await login(person.username, person.password, worker.url)).status
    })
    await new Promise((resolve) => setTimeout(resolve, 150))
    store.fault = fault
    const statuses = new Set(await Promise.all(asking))
    store.fault = 'none'
    expect([...statuses].filter((status) => ![200, 429, 503].includes(status))).toEqual([])
  }
})
