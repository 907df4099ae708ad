import { expect, it } from 'vitest'
import { chat, MODEL } from '../../support/chat.ts'
import { holdingDatabase } from '../../support/holding-database.ts'
import { checkBooks, forgetPools, grant, newLender, poolOf, reached } from '../../support/quota.ts'
import { redis, snapshotKeys } from '../../support/redis.ts'
import { standIn, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

/** Calls that the pool holds. */
const CALLS = 6

it.each([
  ['while Redis knows of it', false],
  ['though Redis has lost everything since', true],
])('nobody is let in on a balance that was read before it was used up, %s', async (_, isLost) => {
  const person = await newLender()
  await grant(person, CALLS * 0.01)
  // The AI service tells what a call has used only of a model that it has used before.
  await standIn('account', { cookie_id: person.cookieId, stored: { [MODEL]: 1 } })
  const database = await holdingDatabase()
  const worker = await workerWith({ NEON_FETCH_ENDPOINT: database.url })
  const ask = (content: string) => chat({ key: person.key, content, baseUrl: worker.url })
  try {
    // Redis knows nothing of the person, so that who they are is read together with their pools.
    await redis('DEL', ...snapshotKeys(person))
    await forgetPools(person)
    database.hold(/quota_pools/, 'answer', 1)
    const late = ask(`late-${person.id}`)
    await waitFor(database.isHolding)

    // One by one: the AI service's own meter charges parallel calls too much.
    for (let index = 0; index < CALLS; index++) {
      expect((await ask(`early-${index}`)).status).toBe(200)
    }
    await waitFor(async () => (await poolOf(person)).balance < 0.005)
    await waitFor(async () => (await poolOf(person)).reserved === 0)
    if (isLost) await redis('FLUSHDB')
    database.letGo()
    expect((await late).error?.code).toBe('insufficient_quota')
    expect(await reached(`late-${person.id}`)).toBe(0)
    await checkBooks(person)
  } finally {
    database.letGo()
    await worker.close()
    await database[Symbol.asyncDispose]()
  }
})
