import { describe, expect, it } from 'vitest'
import { arm, chat, usageRows } from '../../support/chat.ts'
import { checkBooks, grant, newLender, reached } from '../../support/quota.ts'
import { call, fireCron, type TestPerson } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

async function keyOf(person: TestPerson, json: object): Promise<string> {
  const { status, body } = await call<{ key: string }>('/api/api-keys', {
    token: person.token,
    json,
  })
  expect(status).toBe(201)
  return body.key
}

describe('a key', () => {
  it('for some models neither reaches nor shows the others', async () => {
    const person = await newLender()
    await grant(person, 1)
    const key = await keyOf(person, { models: ['claude-sonnet-4-5'] })
    const content = `narrow-${person.id}`
    const refused = await chat({ key, content })
    expect(refused.status).toBe(404)
    expect(refused.error?.code).toBe('model_not_found')
    expect(await reached(content)).toBe(0)
    const allowed = await chat({ key, content, extra: { model: 'claude-sonnet-4-5' } })
    expect(allowed.status).toBe(200)
    const list = async (token: string) =>
      (await call<{ data: { id: string }[] }>('/v1/models', { token })).body.data.map(
        ({ id }) => id,
      )
    expect(await list(key)).toEqual(['claude-sonnet-4-5'])
    expect((await list(person.key)).length).toBeGreaterThan(1)
  })

  it('with a budget for the day uses no more, whoever asks at once, until midnight', async () => {
    const person = await newLender()
    await grant(person, 1.5)
    const key = await keyOf(person, { quota_per_day: 0.03 })
    const content = await arm('slow', { times: 20, delayMs: 300 })
    const other = await workerWith({})
    try {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          chat({ key, content, ...(at % 2 === 0 && { baseUrl: other.url }) }),
        ),
      )
      const statuses = answers.map(({ status }) => status)
      expect(statuses.filter((status) => status === 200)).toHaveLength(3)
      expect(statuses.filter((status) => status === 429)).toHaveLength(9)
      expect(await reached(content)).toBe(3)
      await usageRows(person.id, 12)
      await fireCron('*/5 * * * *')
    } finally {
      await other.close()
    }
    const refused = await chat({ key, content: `more-${person.id}` })
    const midnight = new Date().setUTCHours(24, 0, 0, 0)
    expect(refused.status).toBe(429)
    expect(refused.error?.code).toBe('insufficient_quota')
    const wait = Number(refused.headers.get('retry-after'))
    expect(Math.abs(wait - (midnight - Date.now()) / 1000)).toBeLessThan(5)
    // Another key of the same person is not held back.
    expect((await chat({ key: person.key })).status).toBe(200)
    await checkBooks(person)
  })

  it('with a limit of its own is held to it', async () => {
    const person = await newLender()
    await grant(person, 1)
    const key = await keyOf(person, { requests_per_minute: 3 })
    const answers = []
    for (let at = 0; at < 5; at++) answers.push(await chat({ key }))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
    expect(answers[3]?.error?.code).toBe('rate_limited')
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    expect((await chat({ key: person.key })).status).toBe(200)
  })
})
