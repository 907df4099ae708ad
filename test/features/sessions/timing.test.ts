import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mailTo, tokenIn } from '../../support/mail.ts'
import { redis } from '../../support/redis.ts'
import { call, newPerson, sql, stack } from '../../support/stack.ts'
import { compareTimes, requireAlike } from '../../support/timing.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const TIMEOUT = { timeout: 300_000 }

/** Answers at once, so that what is measured is the work. */
let hasty: OwnWorker

beforeAll(async () => {
  hasty = await workerWith({ FAILED_LOGIN_SECONDS: '0' })
})
afterAll(() => hasty[Symbol.asyncDispose]())

async function guess(username: string, baseUrl = hasty.url): Promise<void> {
  const { status } = await call('/api/auth/login', {
    json: { username, password: 'wrong-password' },
    baseUrl,
  })
  expect(status).toBe(401)
}

it('a wrong password takes as long for a name that nobody has', TIMEOUT, async () => {
  const person = await newPerson()
  requireAlike(
    await compareTimes(
      () => guess(person.username),
      () => guess(`nobody-${randomUUID()}`),
      () => redis('DEL', `lockout:user:${person.id}`),
    ),
  )
})

it.each(['confirmed', 'claimed'])(
  'and for an address that nobody has, compared with one that is %s',
  TIMEOUT,
  async (state) => {
    const person = await newPerson()
    if (state === 'confirmed') {
      const token = tokenIn(await mailTo(person.email, /Confirm/))
      await call('/api/auth/verify-email', { json: { token } })
    }
    requireAlike(
      await compareTimes(
        () => guess(person.email),
        () => guess(`${randomUUID()}@example.com`),
        async () => {
          await redis('DEL', `lockout:user:${person.id}`, nameCounter(person.email))
        },
      ),
    )
  },
)

it('and for an address whose password was imported with bcrypt', TIMEOUT, async () => {
  const person = await newPerson()
  const hash = '$2b$12$UFJuIhslksLm0hPHOy1pheZ.u/wR4kAhHpnOtQfmTJGyUrcVmSCQ2'
  await sql`update users set password_hash = ${hash}, email_verified_at = now()
    where id = ${person.id}`
  requireAlike(
    await compareTimes(
      () => guess(person.email, stack.baseUrl),
      () => guess(`${randomUUID()}@example.com`, stack.baseUrl),
      async () => {
        await redis('DEL', `lockout:user:${person.id}`, nameCounter(person.email))
      },
    ),
  )
})

it('a right password is not waited with', TIMEOUT, async () => {
  const person = await newPerson()
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const startedAt = performance.now()
    const { status } = await call('/api/auth/login', { json: person })
    expect(status).toBe(200)
    times.push(performance.now() - startedAt)
  }
  expect(Math.min(...times)).toBeLessThan(1_000)
})

function nameCounter(email: string): string {
  const digest = createHash('sha256').update(email.toLowerCase()).digest('hex')
  return `lockout:name:${digest}`
}
