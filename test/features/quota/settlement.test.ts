import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chaosProxy } from '../../support/chaos.ts'
import { type ChaosProxy, startChaosProxy } from '../../support/chaos-proxy.ts'
import { arm, CHAT, chat, MODEL, usageRows } from '../../support/chat.ts'
import { checkBooks, checkShares, grant, heldBy, newLender, poolOf } from '../../support/quota.ts'
import { redis } from '../../support/redis.ts'
import { fireCron, sql, stack, standIn, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const OFTEN = '*/5 * * * *'

describe('30 streams that their client leaves', () => {
  it('are settled, each once, and nothing stays reserved', { timeout: 90_000 }, async () => {
    const person = await newLender()
    // Enough for all of them, and too little for anything to be taken ahead.
    await grant(person, 0.31)
    const marker = await arm('many_events', { times: 30, events: 60, delayMs: 10 })
    await Promise.all(
      Array.from({ length: 30 }, async () => {
        const controller = new AbortController()
        const response = await fetch(stack.baseUrl + CHAT, {
          method: 'POST',
          headers: { authorization: `Bearer ${person.key}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            model: MODEL,
            stream: true,
            messages: [{ role: 'user', content: marker }],
          }),
          signal: controller.signal,
        })
        expect(response.status).toBe(200)
        await response.body?.getReader().read()
        controller.abort()
      }),
    )
    const leftAt = Date.now()
    const rows = await usageRows(person.id, 30)
    expect(rows.every((row) => row.status === 499 && row.error_code === 'client_gone')).toBe(true)
    await waitFor(async () => (await heldBy(person)) === 0, 40_000)
    // The last look is 20 seconds after the end.
    expect(Date.now() - leftAt).toBeLessThan(35_000)
    const consumed = await sql`
      select amount, usage_id from consumption_rows where user_id = ${person.id}`
    expect(consumed).toHaveLength(30)
    expect(new Set(consumed.map((row) => row.usage_id)).size).toBe(30)
    const used = await sql`select quota from usage_logs where user_id = ${person.id}`
    expect(used).toHaveLength(30)
    const sum = (list: Record<string, unknown>[], name: string) =>
      list.reduce((total, row) => total + Number(row[name]), 0)
    expect(sum(used, 'quota')).toBe(sum(consumed, 'amount'))
    expect((await poolOf(person)).reserved).toBe(0)
    await checkBooks(person)
    await checkShares(person)
  })
})

describe('PostgreSQL that is down when calls end', () => {
  let database: ChaosProxy
  let worker: Awaited<ReturnType<typeof workerWith>>
  beforeAll(async () => {
    const endpoint = new URL(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    database = await startChaosProxy(endpoint.origin)
    worker = await workerWith({
      NEON_FETCH_ENDPOINT: database.url + endpoint.pathname,
      PRINCIPAL_CACHE_SECONDS: '60',
    })
  })
  afterAll(async () => {
    await worker?.close()
    await database?.close()
  })

  it('books each of them once when it is back', async () => {
    const person = await newLender()
    await grant(person, 1)
    await chat({ key: person.key, baseUrl: worker.url })
    await usageRows(person.id, 1)
    const marker = await arm('late_finish', { times: 3, delayMs: 700 })
    const running = Array.from({ length: 3 }, () =>
      chat({ key: person.key, content: marker, baseUrl: worker.url }),
    )
    await waitFor(async () => (await standInHas(marker)) === 3)
    await database.inflict('reset')
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200])
    const waiting = async () => (await redis<string[]>('HVALS', 'usage:backlog')).join('\n')
    const count = async () => (await waiting()).split(`"userId":${person.id},`).length - 1
    await waitFor(async () => (await count()) === 3)
    await database.recover()
    await Promise.all([fireCron(OFTEN), fireCron(OFTEN, worker.url), fireCron(OFTEN)])
    await fireCron(OFTEN)
    await waitFor(async () => (await count()) === 0)
    await usageRows(person.id, 4)
    const consumed = await sql`
      select usage_id from consumption_rows where user_id = ${person.id}`
    expect(consumed).toHaveLength(4)
    expect(new Set(consumed.map((row) => row.usage_id)).size).toBe(4)
    const drawn = await sql`
      select amount from quota_ledger where user_id = ${person.id} and kind = 'use'`
    expect(drawn.length).toBeGreaterThanOrEqual(4)
    await checkBooks(person)
    await checkShares(person)
  })
})

it('a consumption row is handed to the database until it is booked, and not with later calls', async () => {
  const person = await newLender()
  await grant(person, 1)
  await using database = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
  await using worker = await workerWith({ NEON_FETCH_ENDPOINT: database.url })
  const settled = async (count: number) => {
    database.requests.length = 0
    await chat({ key: person.key, baseUrl: worker.url })
    await usageRows(person.id, count)
    const rows = await sql`select log_id from consumption_rows where user_id = ${person.id}`
    const handed = database.requests.map(({ body }) => body).filter((body) => /unseen/.test(body))
    return { rows, handed: rows.map(({ log_id }) => handed.some((body) => body.includes(log_id))) }
  }
  const [first] = (await settled(1)).rows
  const second = await settled(2)
  expect(second.handed.toSorted()).toEqual([false, true])
  expect(second.rows[second.handed.indexOf(false)]).toEqual(first)
})

async function standInHas(marker: string): Promise<number> {
  const { requests } = await standIn<{ requests: { path: string; body: string }[] }>('requests')
  return requests.filter(({ path, body }) => path === CHAT && body.includes(marker)).length
}
