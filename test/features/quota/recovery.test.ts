import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { accrue } from '../../../src/sharing/quota/pools/accrual.ts'
import { redis } from '../../support/redis.ts'
import { fireCron, sql } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const HOUR_MS = 3_600_000
const CRON = '0 * * * *'

interface Seeded {
  id: number
  balance: number
  ceiling: number
  accruedAt: number
  remainder: number
}

/** People with pools that were last written down some hours ago. */
async function seedPools(count: number): Promise<number[]> {
  const mark = randomUUID().slice(0, 8)
  const rows = await sql`
    with people as (
      insert into users (username, username_key, email, email_key, role, created_at, updated_at)
      select ${mark} || n, ${mark} || n, null, null, 'user', now(), now()
      from generate_series(1, ${count}) n returning id),
    holders as (
      insert into quota_holders (user_id, shared_accounts, ceiling, balance, accrued_at, version)
      select id, 1, 20000, 0, now(), 1 from people returning user_id),
    pools as (
      insert into quota_pools (user_id, group_name, balance, ceiling, accrued_at, remainder, version)
      select user_id, 'seeded', (user_id::bigint * 7919) % 26000 - 6000, 20000,
        date_trunc('milliseconds', now() - make_interval(secs => (user_id::bigint * 131) % 30000)),
        (user_id::bigint * 104729) % 18000000, 1
      from holders returning user_id, balance),
    opened as (
      insert into quota_ledger (user_id, group_name, kind, amount, balance_after, key, created_at)
      select user_id, 'seeded', 'opening', balance, balance, 'opening', now() from pools)
    select user_id as id from pools`
  // Nothing is above its ceiling to begin with.
  const ids = rows.map((row) => Number(row.id))
  await sql`update quota_pools set balance = 20000 where balance > 20000 and user_id = any(${ids})`
  await sql`update quota_ledger l set amount = p.balance, balance_after = p.balance
    from quota_pools p where p.user_id = l.user_id and l.user_id = any(${ids})`
  await redis('SET', 'once:quota-recovering', '1')
  return ids
}

async function read(ids: number[]): Promise<Seeded[]> {
  const rows = await sql`
    select user_id, balance, ceiling, remainder, extract(epoch from accrued_at) * 1000 as at
    from quota_pools where user_id = any(${ids}) order by user_id`
  return rows.map((row) => ({
    id: Number(row.user_id),
    balance: Number(row.balance),
    ceiling: Number(row.ceiling),
    remainder: Number(row.remainder),
    accruedAt: Number(row.at),
  }))
}

async function checkLedger(ids: number[]): Promise<void> {
  const open = await sql`
    select p.user_id from quota_pools p where p.user_id = any(${ids}) and p.balance <> (
      select sum(amount) from quota_ledger l
      where l.user_id = p.user_id and l.group_name = p.group_name)`
  expect(open).toEqual([])
}

/** What one clean run gives. */
function expected(before: Seeded[]): Seeded[] {
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  return before.map((pool) =>
    pool.balance < pool.ceiling && pool.accruedAt < hour ? accrue(pool, hour) : pool,
  )
}

/** The hour must not end in the middle of a test. */
beforeEach(async () => {
  const left = HOUR_MS - (Date.now() % HOUR_MS)
  if (left < 50_000) await new Promise((resolve) => setTimeout(resolve, left + 500))
})

describe('hourly recovery', () => {
  it('writes down what has accrued, once, however often it runs', async () => {
    const ids = await seedPools(500)
    const after = expected(await read(ids))
    for (let run = 0; run < 10; run++) {
      await redis('SET', 'once:quota-recovering', '1')
      await fireCron(CRON)
    }
    expect(await read(ids)).toEqual(after)
    await checkLedger(ids)
  })

  it('gives the same when it runs several times at once', async () => {
    const ids = await seedPools(500)
    const after = expected(await read(ids))
    const other = await workerWith({})
    try {
      await Promise.all([
        fireCron(CRON),
        fireCron(CRON),
        fireCron(CRON, other.url),
        fireCron(CRON, other.url),
      ])
      // Whoever came second leaves alone what the first was at.
      await redis('SET', 'once:quota-recovering', '1')
      await fireCron(CRON)
    } finally {
      await other.close()
    }
    expect(await read(ids)).toEqual(after)
    await checkLedger(ids)
  })

  it('goes on where a killed run has left off', async () => {
    const ids = await seedPools(12_000)
    const after = expected(await read(ids))
    const doomed = await workerWith({})
    const run = fireCron(CRON, doomed.url).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 60))
    process.kill(doomed.pid, 'SIGKILL')
    await run
    await doomed.close()
    await redis('SET', 'once:quota-recovering', '1')
    await fireCron(CRON)
    expect(await read(ids)).toEqual(after)
    await checkLedger(ids)
  })

  it('asks nobody but Redis when nothing is recovering', async () => {
    await redis('DEL', 'once:quota-recovering')
    const ids = await seedPools(1)
    await redis('DEL', 'once:quota-recovering')
    const before = await read(ids)
    await fireCron(CRON)
    expect(await read(ids)).toEqual(before)
  })
})
