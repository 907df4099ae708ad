import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { redis } from '../../support/redis.ts'
import { call, newPerson } from '../../support/stack.ts'

const SAMPLES = Number(process.env.TIMING_SAMPLES ?? 25)

const median = (values: number[]) =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

async function timed(username: string): Promise<number> {
  const startedAt = performance.now()
  const { status } = await call('/api/auth/login', {
    json: { username, password: 'wrong-password' },
  })
  expect(status).toBe(401)
  return performance.now() - startedAt
}

/**
 * Interleaved, so that whatever else the machine does falls on both alike; what remains of it may
 * spoil one measurement, but a difference that is really there spoils them all.
 */
it('a wrong password takes as long for a name that nobody has', {
  retry: 3,
  timeout: 300_000,
}, async () => {
  const person = await newPerson()
  const known: number[] = []
  const unknown: number[] = []
  // The first ones warm up.
  for (let sample = -3; sample < SAMPLES; sample++) {
    await redis('DEL', `lockout:user:${person.id}`)
    const pair = [
      async () => known.push(await timed(person.username)),
      async () => unknown.push(await timed(`nobody-${randomUUID()}`)),
    ]
    for (const measure of sample % 2 ? pair : pair.reverse()) await measure()
    if (sample < 0) known.length = unknown.length = 0
  }
  const ratio = median(known) / median(unknown)
  expect(ratio).toBeGreaterThan(0.9)
  expect(ratio).toBeLessThan(1.1)
})
