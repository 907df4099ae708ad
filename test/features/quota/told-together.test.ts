import { expect, it } from 'vitest'
import { arm, chat, MODEL } from '../../support/chat.ts'
import { holdingDatabase } from '../../support/holding-database.ts'
import { checkBooks, grant, newLender, poolOf, reached } from '../../support/quota.ts'
import { call, standIn, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

it('what a call held is free only when the gate knows what it cost, however long its key takes', async () => {
  const person = await newLender()
  await grant(person, 0.01)
  // The AI service tells what a call has used only of a model that it has used before.
  await standIn('account', { cookie_id: person.cookieId, stored: { [MODEL]: 1 } })
  const { body } = await call<{ key: string }>('/api/api-keys', {
    token: person.token,
    json: { quota_per_day: 1 },
  })
  const database = await holdingDatabase()
  const worker = await workerWith({ NEON_FETCH_ENDPOINT: database.url })
  const ask = (content: string) => chat({ key: body.key, content, baseUrl: worker.url })
  try {
    const first = await arm('slow', { delayMs: 500 })
    const answer = ask(first)
    await waitFor(async () => (await reached(first)) === 1)
    // What the key has used is read apart from the settlement.
    database.hold(/sum\(.{1,40}quota/, 'request')
    expect((await answer).status).toBe(200)
    await waitFor(database.isHolding)
    expect((await poolOf(person)).balance).toBeLessThan(0.001)
    const second = `second-${person.id}`
    const refused = await ask(second)
    expect(refused.error?.code).toBe('insufficient_quota')
    expect(await reached(second)).toBe(0)
    database.letGo()
    await checkBooks(person)
  } finally {
    database.letGo()
    await worker.close()
    await database[Symbol.asyncDispose]()
  }
})
