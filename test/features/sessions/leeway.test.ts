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
const refresh = (refresh_token: string) =>
  call<Pair>('/api/auth/refresh', { json: { refresh_token }, baseUrl: worker.url })

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
