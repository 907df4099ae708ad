import { describe, expect, it } from 'vitest'
import { chat, MODEL, usageRows } from '../../support/chat.ts'
import { grant, newLender, poolOf } from '../../support/quota.ts'
import { call, newKey, newPerson, waitFor } from '../../support/stack.ts'

describe('the balance, where clients look for it', () => {
  it('is what the pools have', async () => {
    const person = await newLender()
    await grant(person, 1.5)
    const { content } = await chat({ key: person.key, extra: { model: MODEL } })
    expect(content).not.toBe('')
    await usageRows(person.id, 1)
    await waitFor(async () => (await poolOf(person)).reserved === 0)
    const { available, ceiling } = await poolOf(person)
    const { body } = await call<{ remaining: number; total: number; used: number }>('/v1/usage', {
      token: person.key,
    })
    // It recovers meanwhile.
    expect(body.remaining).toBeGreaterThanOrEqual(available)
    expect(body.remaining).toBeLessThan(available + 0.01)
    expect(body.total).toBe(ceiling)
    expect(body.used).toBeCloseTo(ceiling - body.remaining, 4)
    const [usage, subscription] = await Promise.all([
      call<{ total_usage: number }>(
        '/dashboard/billing/usage?start_date=2026-01-01&end_date=2026-12-31',
        {
          token: person.key,
        },
      ),
      call('/dashboard/billing/subscription', { token: person.key }),
    ])
    expect(usage.body.total_usage / 100).toBeCloseTo(body.used, 1)
    expect(subscription.body).toMatchObject({ hard_limit_usd: ceiling })
  })

  it('is nothing for who may draw from none', async () => {
    const person = await newPerson()
    expect((await call('/v1/usage', { token: await newKey(person) })).body).toMatchObject({
      remaining: 0,
      total: 0,
    })
  })

  it('is refused in the form of OpenAI', async () => {
    const { status, body } = await call('/dashboard/billing/usage', { token: 'sk-unknown' })
    expect(status).toBe(401)
    expect(body).toMatchObject({ error: { code: 'invalid_api_key' } })
  })
})
