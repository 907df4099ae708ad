import { describe, expect, it } from 'vitest'
import { arm, chat, usageRows } from '../../support/chat.ts'
import {
  checkBooks,
  forgetPools,
  GROUP,
  grant,
  heldBy,
  newLender,
  poolOf,
  reached,
} from '../../support/quota.ts'
import { redis } from '../../support/redis.ts'
import { newChatter, newKey, newPerson, sql, waitFor, workerWith } from '../../support/stack.ts'

describe('a pool that holds five calls', () => {
  it('lets five of fifty parallel ones through, whatever they ask for', async () => {
    const person = await newLender()
    await grant(person, 0.05)
    const marker = `five-${person.id}`
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        chat({ key: person.key, content: marker, stream: index % 2 === 0 }),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    expect(await reached(marker)).toBe(5)
    expect(statuses.filter((status) => status === 200)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(45)
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.error).toMatchObject({ type: 'insufficient_quota', code: 'insufficient_quota' })
    // 0.01 units recover in 90 seconds at 0.4 an hour.
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(80)
    expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(90)
    const rows = await usageRows(person.id, 50)
    await checkBooks(person)
    const used = (
      await sql`select sum(quota) as used from usage_logs where user_id = ${person.id}`
    )[0]
    expect(Number(used?.used)).toBe(500)
    expect(rows.filter(({ status }) => status === 200)).toHaveLength(5)
    expect((await poolOf(person)).balance).toBeLessThan(0.002)
  })

  it('lets no more through where two isolates share it, and Redis forgets it meanwhile', async () => {
    const [one, other] = await Promise.all([workerWith({}), workerWith({})])
    try {
      const person = await newLender()
      await grant(person, 0.05)
      const marker = await arm('slow', { times: 50, delayMs: 300 })
      const ask = (count: number) =>
        Promise.all(
          Array.from({ length: count }, (_, index) =>
            chat({
              key: person.key,
              content: marker,
              baseUrl: (index % 2 === 0 ? one : other).url,
            }),
          ),
        )
      const statuses = (await ask(20)).map(({ status }) => status)
      expect(statuses.filter((status) => status === 200)).toHaveLength(5)
      await usageRows(person.id, 20)
      await forgetPools(person)
      expect((await ask(4)).map(({ status }) => status)).toEqual([429, 429, 429, 429])
      expect(await reached(marker)).toBe(5)
      await checkBooks(person)
    } finally {
      await Promise.all([one.close(), other.close()])
    }
  })
})

describe('a call', () => {
  it('holds its estimate while it runs, and nothing afterwards', async () => {
    const person = await newLender()
    await grant(person, 0.05)
    const running = chat({
      key: person.key,
      content: await arm('slow', { delayMs: 600 }),
      stream: true,
    })
    await waitFor(async () => (await heldBy(person)) === 100)
    expect((await running).status).toBe(200)
    await waitFor(async () => (await heldBy(person)) === 0)
    const pool = await poolOf(person)
    expect(pool.reserved).toBe(0)
    expect(pool.balance).toBeGreaterThanOrEqual(0.04)
    expect(pool.balance).toBeLessThan(0.042)
    await checkBooks(person)
  })

  it('says how much is left', async () => {
    const person = await newLender()
    await grant(person, 1)
    const { headers } = await chat({ key: person.key })
    expect(Number(headers.get('x-quota-remaining'))).toBeCloseTo(0.99, 2)
  })

  it('is let through with a dedicated account, however empty the pool is', async () => {
    const person = await newChatter()
    expect((await chat({ key: person.key })).status).toBe(200)
    expect((await chat({ key: person.key })).status).toBe(200)
    const [row] = await usageRows(person.id, 2)
    expect(row).toMatchObject({ status: 200 })
    await waitFor(async () => (await heldBy(person)) === 0)
    const consumed = await sql`select * from consumption_rows where user_id = ${person.id}`
    expect(consumed.every((each) => each.is_shared === false)).toBe(true)
    const drawn = await sql`select * from quota_ledger where user_id = ${person.id}`
    expect(drawn).toEqual([])
  })

  it('is refused with the way out where there is neither account nor pool', async () => {
    const person = await newPerson()
    const { status, error } = await chat({ key: await newKey(person) })
    expect(status).toBe(403)
    expect(error?.code).toBe('no_account')
    expect(error?.message).toContain('/api/plugin-api/oauth/authorize')
  })

  it('is one of few that a guest may have under way', async () => {
    const worker = await workerWith({ CONCURRENCY_LIMIT: '2' })
    try {
      const person = await newChatter()
      const marker = await arm('slow', { times: 10, delayMs: 700 })
      const ask = () => chat({ key: person.key, content: marker, baseUrl: worker.url })
      const statuses = (await Promise.all(Array.from({ length: 6 }, ask))).map(
        (each) => each.status,
      )
      expect(statuses.filter((status) => status === 200)).toHaveLength(2)
      expect(statuses.filter((status) => status === 429)).toHaveLength(4)
      expect((await ask()).status).toBe(200)
    } finally {
      await worker.close()
    }
  })
})

describe('losing everything that Redis knows', () => {
  it('gives nobody anything and takes nothing', async () => {
    const person = await newLender()
    await grant(person, 0.2)
    const marker = await arm('slow', { times: 100, delayMs: 200 })
    const first = Array.from({ length: 10 }, () => chat({ key: person.key, content: marker }))
    await waitFor(async () => (await heldBy(person)) >= 1000)
    await redis('DEL', `pool:${person.id}`, `pool:${person.id}:${GROUP}`, `inflight:${person.id}`)
    const second = Array.from({ length: 20 }, () => chat({ key: person.key, content: marker }))
    const statuses = (await Promise.all([...first, ...second])).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(20)
    await usageRows(person.id, 30)
    await checkBooks(person)
    await waitFor(async () => (await heldBy(person)) === 0)
    expect((await poolOf(person)).balance).toBeLessThan(0.005)
  })
})
