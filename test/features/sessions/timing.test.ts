import { createHash, randomUUID } from 'node:crypto'
import bcrypt from 'bcryptjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mailTo, tokenIn } from '../../support/mail.ts'
import { redis } from '../../support/redis.ts'
import { call, newPerson, sql } from '../../support/stack.ts'
import { compareTimes, requireAlike } from '../../support/timing.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const TIMEOUT = { timeout: 300_000 }

/** A hash that is most of the work still, but not so much that a comparison takes minutes. */
const SHORT_HASH = { ARGON2_MEMORY_KIB: '4096', ARGON2_PASSES: '1' }

/** Answers at once, so that what is measured is the work. */
let hasty: OwnWorker
/** Answers after a time that does not tell what the work was. */
let patient: OwnWorker

beforeAll(async () => {
  hasty = await workerWith({ ...SHORT_HASH, FAILED_LOGIN_SECONDS: '0' })
  patient = await workerWith({ ...SHORT_HASH, FAILED_LOGIN_SECONDS: '0.3' })
})
afterAll(async () => {
  await hasty[Symbol.asyncDispose]()
  await patient[Symbol.asyncDispose]()
})

async function guess(username: string, baseUrl = hasty.url): Promise<void> {
  const { status } = await call('/api/auth/login', {
    json: { username, password: 'wrong-password' },
    baseUrl,
  })
  expect(status).toBe(401)
}

it('a wrong password takes as long for a name that nobody has', TIMEOUT, async () => {
  const person = await newPerson(hasty.url)
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
    const person = await newPerson(hasty.url)
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
  // Takes longer than the others, and less than the patience.
  const hash = bcrypt.hashSync(person.password, 9)
  await sql`update users set password_hash = ${hash}, email_verified_at = now()
    where id = ${person.id}`
  requireAlike(
    await compareTimes(
      () => guess(person.email, patient.url),
      () => guess(`${randomUUID()}@example.com`, patient.url),
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
