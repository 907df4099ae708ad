import { afterAll, beforeAll, expect, it } from 'vitest'
import { redis } from '../../support/redis.ts'
import { call, newPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

let worker: OwnWorker
beforeAll(async () => {
  worker = await workerWith({ REFRESH_REUSE_LEEWAY_SECONDS: '30' })
})
afterAll(() => worker[Symbol.asyncDispose]())

interface Pair {
  access_token: string
  refresh_token: string
}
const refresh = (refresh_token: string, headers: Record<string, string> = {}) =>
  call<Pair>('/api/auth/refresh', { json: { refresh_token }, baseUrl: worker.url, headers })

it('gives the pair again to the same client only: elsewhere it is a theft', async () => {
  for (const elsewhere of [
    { 'user-agent': 'another program' },
    { 'cf-connecting-ip': '203.0.113.9' },
  ]) {
    const person = await newPerson()
    const { body } = await refresh(person.refreshToken)
    expect((await refresh(person.refreshToken)).body.refresh_token).toBe(body.refresh_token)
    expect((await refresh(person.refreshToken, elsewhere)).status).toBe(401)
    expect((await refresh(body.refresh_token)).status).toBe(401)
  }
})

it('is ten seconds by default', async () => {
  const person = await newPerson()
  const again = async () =>
    (await call('/api/auth/refresh', { json: { refresh_token: person.refreshToken } })).status
  expect([await again(), await again()]).toEqual([200, 200])
  const [sid] = await redis<string[]>('ZRANGE', `user-sessions:${person.id}`, 0, -1)
  await redis('HSET', `session:${sid}`, 'rotated', Date.now() - 10_500)
  expect(await again()).toBe(401)
})

it('a front end that asks again and again with a dead token is stopped, whoever it is', async () => {
  const person = await newPerson()
  await call('/api/auth/logout-all', { method: 'POST', token: person.token })
  const statuses: number[] = []
  for (let attempt = 0; attempt < 62; attempt++)
    statuses.push((await refresh(person.refreshToken)).status)
  expect(statuses).toEqual([...Array(60).fill(401), 429, 429])
  const last = await refresh(person.refreshToken)
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
  // It is this token's, and nobody else's.
  expect((await refresh((await newPerson()).refreshToken)).status).toBe(200)
})

it('gives the same pair to everybody who refreshes at the same time', async () => {
  const person = await newPerson()
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(person.refreshToken)))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
  expect((await refresh(answers[0]?.body.refresh_token ?? '')).status).toBe(200)
})

it('forgives only the token before the present one', async () => {
  const person = await newPerson()
  const second = await refresh(person.refreshToken)
  const third = await refresh(second.body.refresh_token)
  expect((await refresh(second.body.refresh_token)).body.refresh_token).toBe(
    third.body.refresh_token,
  )
  expect((await refresh(person.refreshToken)).status).toBe(401)
  expect((await refresh(third.body.refresh_token)).status).toBe(401)
})

it('ends with its time', async () => {
  const person = await newPerson()
  const { body } = await refresh(person.refreshToken)
  const [sid] = await redis<string[]>('ZRANGE', `user-sessions:${person.id}`, 0, -1)
  await redis('HSET', `session:${sid}`, 'rotated', Date.now() - 31_000)
  expect((await refresh(person.refreshToken)).status).toBe(401)
  expect((await refresh(body.refresh_token)).status).toBe(401)
})

it('keeps no token in clear', async () => {
  const person = await newPerson()
  const { body } = await refresh(person.refreshToken)
  const [sid] = await redis<string[]>('ZRANGE', `user-sessions:${person.id}`, 0, -1)
  const stored = JSON.stringify(await redis('HGETALL', `session:${sid}`))
  expect(stored).toContain('v1.')
  for (const token of [body.access_token, body.refresh_token, person.refreshToken]) {
    expect(stored).not.toContain(token.slice(0, 40))
    expect(stored).not.toContain(token.split('.')[2])
  }
})
