import { createHash, randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { mailTo, tokenIn } from '../../support/mail.ts'
import { redis } from '../../support/redis.ts'
import { call, newPerson } from '../../support/stack.ts'
import { compareTimes, requireAlike } from '../../support/timing.ts'

const TIMEOUT = { timeout: 300_000 }

async function guess(username: string): Promise<void> {
  const { status } = await call('/api/auth/login', {
    json: { username, password: 'wrong-password' },
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

function nameCounter(email: string): string {
  const digest = createHash('sha256').update(email.toLowerCase()).digest('hex')
  return `lockout:name:${digest}`
}
