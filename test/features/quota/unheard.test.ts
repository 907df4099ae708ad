import { expect, it } from 'vitest'
import { arm, chat, MODEL } from '../../support/chat.ts'
import { type HoldingDatabase, holdingDatabase } from '../../support/holding-database.ts'
import { atTheGate, checkBooks, grant, newLender, poolOf, reached } from '../../support/quota.ts'
import { redis } from '../../support/redis.ts'
import { call, sql, standIn, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

/** Longer than the Worker waits for the database. */
const GIVEN_UP_MS = 3_500

/** The Worker, and a database that does what it is asked for without being heard. */
async function withUnheardDatabase(
  use: (database: HoldingDatabase, baseUrl: string) => Promise<void>,
): Promise<void> {
  const database = await holdingDatabase()
  const worker = await workerWith({ NEON_FETCH_ENDPOINT: database.url })
  try {
    await use(database, worker.url)
  } finally {
    database.letGo()
    await worker.close()
    await database[Symbol.asyncDispose]()
  }
}

const givenUp = () => new Promise((resolve) => setTimeout(resolve, GIVEN_UP_MS))

it('what a call cost counts at the gate even if nobody heard that it was booked', async () => {
  const person = await newLender()
  await grant(person, 0.01)
  // The AI service tells what a call has used only of a model that it has used before.
  await standIn('account', { cookie_id: person.cookieId, stored: { [MODEL]: 1 } })
  await withUnheardDatabase(async (database, baseUrl) => {
    const first = await arm('slow', { delayMs: 500 })
    const answer = chat({ key: person.key, content: first, baseUrl })
    await waitFor(async () => (await reached(first)) === 1)
    database.hold(/hashtextextended\('consumption:'/, 'answer')
    expect((await answer).status).toBe(200)
    await waitFor(database.isHolding)
    expect((await poolOf(person)).balance).toBeLessThan(0.001)
    await givenUp()
    const second = `second-${person.id}`
    const refused = await chat({ key: person.key, content: second, baseUrl })
    expect(refused.error?.code).toBe('insufficient_quota')
    expect(await reached(second)).toBe(0)

    database.letGo()
    await waitFor(async () => {
      const pool = await atTheGate(person)
      return pool !== null && pool.balance < 10
    }, 25_000)
    await waitFor(async () => (await redis<number>('HLEN', 'usage:backlog')) === 0)
    const rows = await sql`
      select 1 from usage_logs where user_id = ${person.id} and status = 200`
    expect(rows).toHaveLength(1)
    await checkBooks(person)
  })
})

it('a ceiling that came down counts at the gate even if nobody heard of it', async () => {
  const person = await newLender()
  await grant(person, 1)
  await withUnheardDatabase(async (database, baseUrl) => {
    // From now on the gate has a copy of the pool.
    expect((await chat({ key: person.key, content: 'warm', baseUrl })).status).toBe(200)
    await waitFor(async () => (await atTheGate(person))?.ceiling === 20_000)
    database.hold(/'ceiling'/, 'answer', 1)
    const { status } = await call(`/api/plugin-api/accounts/${person.cookieId}/type`, {
      method: 'PUT',
      token: person.token,
      json: { is_shared: 0 },
      baseUrl,
    })
    // The account is not shared any more: that the ledger was not heard of does not change it.
    expect([200, 503]).toContain(status)
    await waitFor(async () => (await atTheGate(person))?.ceiling === 0, 25_000)
  })
})
