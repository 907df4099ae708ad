import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { call, newPerson, sql } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const SAMPLES = Number(process.env.TIMING_SAMPLES ?? 40)

const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/**
 * Median times of two questions, asked in turns: whatever else the machine does falls on both
 * alike. What remains of it may spoil one measurement; a difference that is really there spoils
 * them all.
 */
async function compare(
  known: () => Promise<unknown>,
  unknown: () => Promise<unknown>,
  before: () => Promise<unknown> = async () => undefined,
) {
  const times: [number[], number[]] = [[], []]
  for (let sample = -4; sample < SAMPLES; sample++) {
    await before()
    for (const side of (sample % 2 ? [0, 1] : [1, 0]) as (0 | 1)[]) {
      const startedAt = performance.now()
      await (side ? unknown : known)()
      if (sample >= 0) times[side].push(performance.now() - startedAt)
    }
  }
  return median(times[0]) / median(times[1])
}

describe('nobody learns from the time', { retry: 3, timeout: 300_000 }, () => {
  it('of a forgotten password whether somebody has the address', async () => {
    const person = await newPerson()
    const ask = (email: string) => call('/api/auth/forgot-password', { json: { email } })
    const ratio = await compare(
      () => ask(person.email),
      () => ask(`${randomUUID()}@example.com`),
    )
    expect(ratio).toBeGreaterThan(0.9)
    expect(ratio).toBeLessThan(1.1)
  })

  it('of a forgotten password that is mailed every time, either', async () => {
    const person = await newPerson()
    const ask = (email: string) => call('/api/auth/forgot-password', { json: { email } })
    const age = () => sql`update one_time_tokens
      set created_at = created_at - interval '1 hour' where user_id = ${person.id}`
    const ratio = await compare(
      () => ask(person.email),
      () => ask(`${randomUUID()}@example.com`),
      age,
    )
    expect(ratio).toBeGreaterThan(0.9)
    expect(ratio).toBeLessThan(1.1)
  })

  it('of a registration whether somebody has the address', async () => {
    await using worker = await workerWith({ REQUIRE_VERIFIED_EMAIL: 'true' })
    const owner = await newPerson()
    const register = (email: string) =>
      call('/api/auth/register', {
        json: { username: `t${randomUUID().slice(0, 12)}`, email, password: `pw-${randomUUID()}` },
        baseUrl: worker.url,
      })
    const ratio = await compare(
      () => register(owner.email),
      () => register(`${randomUUID()}@example.com`),
    )
    expect(ratio).toBeGreaterThan(0.9)
    expect(ratio).toBeLessThan(1.1)
  })
})
