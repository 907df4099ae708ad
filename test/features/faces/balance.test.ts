import { describe, expect, it } from 'vitest'
import { chat, MODEL, usageRows } from '../../support/chat.ts'
import { grant, newLender, poolOf, quotasOf } from '../../support/quota.ts'
import { call, newKey, newPerson, stack, waitFor } from '../../support/stack.ts'

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

function asker(key: string) {
  const ask = (path: string, json: object) =>
    fetch(stack.baseUrl + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, ...json }),
    })
  return {
    respond: () => ask('/v1/responses', { input: 'Hi' }),
    message: () =>
      ask('/v1/messages', { max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }),
  }
}

describe('the pool, in the headers that clients look for', () => {
  it('is what it is', async () => {
    const person = await newLender()
    await grant(person, 1.5)
    const { respond, message } = asker(person.key)
    const codex = (await respond()).headers
    const { ceiling } = await quotasOf(person)
    const left = Number(codex.get('x-quota-remaining'))
    expect(Number(codex.get('x-codex-primary-used-percent'))).toBeCloseTo(
      (1 - left / ceiling) * 100,
      0,
    )
    expect(codex.get('x-codex-primary-window-minutes')).toBe('300')
    const seconds = ((ceiling - left) / ceiling) * 5 * 3_600
    const reset = Number(codex.get('x-codex-primary-reset-at')) - Date.now() / 1000
    expect(Math.abs(reset - seconds)).toBeLessThan(30)
    const claude = (await message()).headers
    expect(claude.get('anthropic-ratelimit-unified-status')).toBe('allowed')
    expect(Number(claude.get('anthropic-ratelimit-unified-5h-utilization'))).toBeCloseTo(
      1 - Number(claude.get('x-quota-remaining')) / ceiling,
      2,
    )
  })

  it('is nothing where it is used up', async () => {
    const person = await newLender()
    await grant(person, -0.5)
    const ask = asker(person.key)
    const refused = await ask.message()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('anthropic-ratelimit-unified-5h-utilization')).toBe('1.0000')
    expect(refused.headers.get('anthropic-ratelimit-unified-status')).toBe('rejected')
    const none = await ask.respond()
    expect(none.status).toBe(429)
    expect(none.headers.get('x-codex-primary-used-percent')).toBe('100.0')
  })
})
