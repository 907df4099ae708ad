import { randomUUID } from 'node:crypto'
import { drizzle } from 'drizzle-orm/neon-http'
import { expect, it } from 'vitest'
import type { Ctx } from '../../../src/context.ts'
import { uniqueViolation } from '../../../src/db/errors.ts'
import { createNeon } from '../../../src/db/neon.ts'
import * as schema from '../../../src/db/schema/index.ts'
import { systemRandom } from '../../../src/platform/random.ts'
import { createRedis } from '../../../src/platform/redis.ts'
import { type PendingMeter, readPending } from '../../../src/sharing/quota/drops/past-queries.ts'
import { sharePending } from '../../../src/sharing/quota/drops/share-pending.ts'
import { moveCeiling, recoverPage } from '../../../src/sharing/quota/pools/pool-queries.ts'
import type { NotedAccount } from '../../../src/sharing/quota/reserve/lent-queries.ts'
import {
  type ConsumedRow,
  record,
  type SettledRow,
} from '../../../src/sharing/quota/settlement/settlement-queries.ts'
import { checkBooks, checkShares } from '../../support/quota.ts'
import { sql, stack } from '../../support/stack.ts'

const { DATABASE_URL = '', NEON_FETCH_ENDPOINT } = stack.bindings
/** As the Worker's, with more patience: so many at once have to wait for each other. */
const db = drizzle({
  client: createNeon(DATABASE_URL, NEON_FETCH_ENDPOINT, { timeoutMs: () => 60_000 }),
  schema,
})
const BASES = [0]
const PEOPLE = 6
const ROUNDS = 6
const AT_ONCE = 20

async function seedPeople(): Promise<number[]> {
  const mark = randomUUID().slice(0, 8)
  const rows = await sql`
    insert into users (username, username_key, email, email_key, role, created_at, updated_at)
    select ${mark} || n, ${mark} || n, null, null, 'user', now(), now()
    from generate_series(1, ${PEOPLE}) n returning id`
  return rows.map((row) => Number(row.id))
}

/** What sharing out needs of a request. */
const ctx = {
  services: {
    db,
    redis: createRedis(
      stack.bindings.UPSTASH_REDIS_REST_URL ?? '',
      stack.bindings.UPSTASH_REDIS_REST_TOKEN ?? '',
    ),
  } as Ctx['services'],
  config: { QUOTA_ESTIMATE: 100 } as Ctx['config'],
  clock: { now: Date.now },
  random: systemRandom,
  waitUntil: () => undefined,
}

/** As `writeSettlement` does. */
async function write(rows: SettledRow[], consumed: ConsumedRow[]): Promise<void> {
  const drawing = () => {
    const key = randomUUID()
    const notices = { percent: 10, key, isByMail: false, isByWebhook: false }
    return { bases: BASES, at: new Date(), notices }
  }
  // Whatever is used falls to the reserve.
  const settlement = { rows, consumed, reserve: 10_000, ...drawing() }
  const after = readPending(
    db,
    consumed.map(({ cookieId }) => cookieId),
    consumed.map(({ userId }) => userId),
  )
  const pending = await again(async () => {
    const { found } = await record(db, settlement, after)
    return (found as { rows: PendingMeter[] } | null)?.rows ?? []
  })
  await sharePending(ctx, pending, new Set(), drawing)
}

async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= 3 || !uniqueViolation(error)) throw error
    }
  }
}

/** As many accounts of somebody as are wanted. */
function someAccounts(userId: number, shared: number, dedicated: number): NotedAccount[] {
  return Array.from({ length: shared + dedicated }, (_, at) => ({
    cookieId: `${userId}-${at}`,
    isShared: at < shared,
    isUsable: true,
  }))
}

/** Rows as the plug-in writes them for calls that run side by side on an account. */
function overlapping(people: number[], round: number, account: string, group: string) {
  const top = 10_000 - round * 400
  return people.map(
    (userId, at): ConsumedRow => ({
      logId: randomUUID(),
      userId,
      group,
      meter: group,
      cookieId: account,
      model: `${group}-model`,
      isShared: true,
      quotaBefore: top - (at % 3) * 50,
      quotaAfter: top - (at % 3) * 50 - 100 - at * 10,
      consumedAt: new Date().toISOString(),
    }),
  )
}

function callOf({ userId, group, model }: ConsumedRow): SettledRow {
  return {
    id: randomUUID(),
    requestId: randomUUID(),
    userId,
    apiKeyId: null,
    endpoint: '/v1/chat/completions',
    model,
    stream: false,
    status: 200,
    errorCode: null,
    promptTokens: 5 + (userId % 7),
    completionTokens: 5,
    estimated: false,
    timeToFirstByteMs: null,
    durationMs: 1,
    createdAt: new Date().toISOString(),
    group,
    charge: null,
    mayHaveUsed: true,
    isFinal: true,
    tokens: 10 + (userId % 7),
  }
}

it('whatever is settled, recovers and is moved at once, the books close', {
  timeout: 120_000,
}, async () => {
  const people = await seedPeople()
  const mark = randomUUID().slice(0, 8)
  let calls = 0
  let consumptions = 0
  for (let round = 0; round < ROUNDS; round++) {
    // New pools in the first rounds; old ones, and new ones of others, later.
    const groups = [`${mark}-a`, `${mark}-b`, `${mark}-${round}`]
    const jobs: (() => Promise<unknown>)[] = []
    for (const [at, group] of groups.entries()) {
      const rows = overlapping(people, round, `${mark}-account-${at % 2}`, group)
      consumptions += rows.length
      for (const row of rows) {
        const call = callOf(row)
        calls++
        const beside = rows.filter((each) => each.userId === row.userId)
        // Its own settlement, and a look of cron's at the same rows.
        jobs.push(() => write([call], beside))
        if (jobs.length % 3 === 0) jobs.push(() => write([], beside))
      }
      jobs.push(() => write([], rows.toReversed()))
    }
    for (const [at, userId] of people.entries()) {
      const accounts = someAccounts(userId, (round + at) % 3, 0)
      // Two of them own what all draw from.
      if (at < 2)
        accounts.push({ cookieId: `${mark}-account-${at}`, isShared: true, isUsable: true })
      jobs.splice((at * 7) % jobs.length, 0, () =>
        moveCeiling(db, { userId, accounts, bases: BASES, at: new Date(), key: randomUUID() }),
      )
      jobs.splice((at * 5) % jobs.length, 0, () => recoverPage(db, new Date(), 5_000))
    }
    expect(jobs.length).toBeGreaterThan(AT_ONCE)
    // Time for something to recover.
    await sql`update quota_pools set accrued_at = accrued_at - interval '7 minutes'
      where user_id = any(${people})`
    const results = await Promise.allSettled(jobs.map((job) => job()))
    const failed = results.filter((result) => result.status === 'rejected')
    expect(failed.map(({ reason }) => String(reason?.cause ?? reason))).toEqual([])
  }
  for (const id of people) {
    await checkBooks({ id })
    await checkShares({ id }, sql, false)
  }
  const strange = await sql`
    select p.user_id, p.group_name, p.ceiling, h.ceiling as of_owner, h.shared_accounts
    from quota_pools p join quota_holders h using (user_id)
    where p.user_id = any(${people}) and (p.ceiling <> h.ceiling or p.balance > p.ceiling
      or p.frozen < 0 or h.ceiling <> 20000 * h.shared_accounts)`
  expect(strange).toEqual([])
  const [count] = await sql`select
    (select count(*)::int from usage_logs where user_id = any(${people})) as calls,
    (select count(*)::int from consumption_rows where user_id = any(${people})) as consumptions,
    (select count(*)::int from consumption_rows where user_id = any(${people})
      and usage_id is not null) as matched`
  expect(count).toMatchObject({ calls, consumptions })
})

it('a settlement that is repeated takes nobody else’s row', async () => {
  const [userId = 0] = await seedPeople()
  const mark = randomUUID().slice(0, 8)
  const [row] = overlapping([userId], 1, `${mark}-account`, mark) as [ConsumedRow]
  const [one, other] = [callOf(row), callOf(row)]
  // The plug-in has written no row for the first, and one for the second.
  await write([one], [])
  await write([one], [row])
  await write([other], [row])
  const owners = await sql`select usage_id from consumption_rows where user_id = ${userId}`
  expect(owners).toEqual([{ usage_id: other.id }])
  const used = await sql`select id, quota from usage_logs where user_id = ${userId}`
  expect(used.find(({ id }) => id === one.id)?.quota).toBe(0)
  expect(used.find(({ id }) => id === other.id)?.quota).toBe(100)
  await checkBooks({ id: userId })
})

it('a pool that is opened while its owner’s ceiling moves has the new one', {
  timeout: 120_000,
}, async () => {
  const people = (await Promise.all(Array.from({ length: 5 }, seedPeople))).flat()
  for (let round = 1; round <= 4; round++) {
    const group = `${randomUUID()}-opened`
    const rows = overlapping(people, round, `${group}-account`, group)
    await Promise.all(
      people.flatMap((userId, at) => {
        const move = () =>
          moveCeiling(db, {
            userId,
            accounts: someAccounts(userId, round, at),
            bases: BASES,
            at: new Date(),
            key: randomUUID(),
          })
        // Each from an account of its own, so that nobody waits for anybody but the owner.
        const row = { ...(rows[at] as ConsumedRow), cookieId: `${group}-${at}` }
        const open = () => write([callOf(row)], [row])
        return at % 2 === 0 ? [move(), open()] : [open(), move()]
      }),
    )
    const strange = await sql`
      select h.user_id, h.ceiling as of_owner, h.shared_accounts, p.ceiling
      from quota_holders h left join quota_pools p on p.user_id = h.user_id
      where h.user_id = any(${people}) and (p.user_id is null or p.ceiling <> h.ceiling
        or h.shared_accounts <> ${round})`
    expect({ round, strange }).toEqual({ round, strange: [] })
  }
  for (const id of people) await checkBooks({ id })
})
