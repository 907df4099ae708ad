import { randomUUID } from 'node:crypto'
import { drizzle } from 'drizzle-orm/neon-http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../../src/db/client.ts'
import { createNeon, type NeonClient } from '../../../src/db/neon.ts'
import * as schema from '../../../src/db/schema/index.ts'
import { keyUseSince } from '../../../src/sharing/quota/admission/key-use-queries.ts'
import { readOutsideUse } from '../../../src/sharing/quota/drops/outside-queries.ts'
import { readPending } from '../../../src/sharing/quota/drops/past-queries.ts'
import { writeShares } from '../../../src/sharing/quota/drops/write-queries.ts'
import { record } from '../../../src/sharing/quota/settlement/settlement-queries.ts'
import { newKey, newPerson, sql, stack } from '../../support/stack.ts'

/** Enough for the planner to see that reading everything is dear. */
const HISTORY = 40_000
/** These grow with what was used, for ever or for months. */
const GROWING = [
  'consumption_rows',
  'quota_ledger',
  'usage_logs',
  'drop_shares',
  'account_drops',
  'key_usage',
]

interface Query {
  text: string
  params: unknown[]
}

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows'?: number
  'Actual Loops'?: number
  'Rows Removed by Filter'?: number
  'Rows Removed by Join Filter'?: number
  Plans?: PlanNode[]
}

const seen: Query[] = []
const { DATABASE_URL = '', NEON_FETCH_ENDPOINT } = stack.bindings
const neon = createNeon(DATABASE_URL, NEON_FETCH_ENDPOINT)
/** Whether transactions are only heard of. */
let isDry = false
const recording = new Proxy(neon, {
  get(client, name) {
    if (name === 'transaction' && isDry) {
      return async (queries: unknown[]) => queries.map(() => ({ rows: [], fields: [] }))
    }
    if (name !== 'query') return client[name as keyof NeonClient]
    return (text: string, params: unknown[], options: object) => {
      seen.push({ text, params })
      return client.query(text, params, options)
    }
  },
})
const db = drizzle({ client: recording, schema }) as unknown as Database

let userId = 0
let other = 0
beforeAll(async () => {
  userId = (await newPerson()).id
  other = (await newPerson()).id
  await sql`
    insert into usage_logs (id, request_id, user_id, endpoint, model, stream, status, estimated, quota,
      duration_ms, created_at)
    select gen_random_uuid(), 'plans', ${other}, '/', 'plan-model', false, 200, false, 1, 1,
      now() - n * interval '1 minute' from generate_series(1, ${HISTORY}) n`
  await sql`
    insert into consumption_rows (log_id, user_id, cookie_id, model, group_name, meter, is_shared,
      quota_before, quota_after, consumed_at, tokens, amount)
    select 'plan-' || n, ${other}, 'plan-' || n % 50, 'plan-model', 'plans', 'plans', true, 10, 9,
      now() - n * interval '1 minute', 1, 1 from generate_series(1, ${HISTORY}) n`
  await sql`
    insert into account_drops (id, cookie_id, meter, model, started_at, ended_at, lost, outside, calls, tokens)
    select 'plan-' || n, 'plan-' || n % 50, 'plans', 'plan-model', now() - (n + 1) * interval '1 minute',
      now() - n * interval '1 minute', 1, 0, 1, 1 from generate_series(1, ${HISTORY}) n`
  await sql`
    insert into drop_shares (log_id, drop_id, cookie_id, meter, part, tokens, amount)
    select 'plan-' || n, 'plan-' || n, 'plan-' || n % 50, 'plans', 1, 1, 1
    from generate_series(1, ${HISTORY}) n`
  await sql`
    insert into quota_holders (user_id, ceiling, balance, accrued_at, version)
    values (${other}, 0, 0, now(), 1) on conflict do nothing`
  await sql`
    insert into quota_ledger (user_id, group_name, kind, amount, balance_after, key, created_at)
    select ${other}, 'plans', 'use', -1, 1, 'plan-' || n, now() - n * interval '1 minute'
    from generate_series(1, ${HISTORY}) n`
  const person = await newPerson()
  await newKey(person)
  await sql`
    insert into key_usage (api_key_id, day, quota)
    select k.id, date '1900-01-01' + n, 1 from api_keys k cross join generate_series(1, ${HISTORY}) n
    where k.user_id = ${person.id}`
  for (const table of GROWING) await sql.query(`analyze ${table}`)
})
afterAll(async () => {
  await sql`delete from consumption_rows where cookie_id like 'plan-%'`
  await sql`delete from account_drops where cookie_id like 'plan-%'`
  await sql`delete from account_meters where cookie_id like 'plan-%'`
  await sql`delete from usage_logs where user_id = any(${[userId, other]})`
  await sql`delete from quota_ledger where user_id = any(${[userId, other]})`
  await sql`delete from key_usage where day < '2015-01-01'`
  for (const table of GROWING) await sql.query(`analyze ${table}`)
})

/** The plans of what `work` has asked, each with the settings that stood before it in its transaction. */
async function plansOf(
  work: () => PromiseLike<unknown>,
  isMeant: RegExp,
  how: string,
): Promise<{ text: string; nodes: PlanNode[] }[]> {
  seen.length = 0
  await work()
  expect(seen.length).toBeGreaterThan(0)
  const isSetting = ({ text }: Query) => text.includes('set_config(')
  const settings = seen.filter(isSetting)
  const meant = seen.filter((query) => isMeant.test(query.text) && !isSetting(query))
  return Promise.all(
    meant.map(async ({ text, params }) => {
      const answers = await sql.transaction([
        ...settings.map((setting) => sql.query(setting.text, setting.params)),
        sql.query(`explain (${how}format json) ${text}`, params),
      ])
      const plans = answers.at(-1)?.[0]?.['QUERY PLAN'] as { Plan: PlanNode }[]
      const nodes = plans.map(({ Plan }) => Plan)
      for (const node of nodes) nodes.push(...(node.Plans ?? []))
      return { text, nodes }
    }),
  )
}

/** What is read of growing tables as a whole. */
async function scannedBy(work: () => PromiseLike<unknown>): Promise<string[]> {
  const scanned: string[] = []
  for (const { text, nodes } of await plansOf(work, /select|insert|update/i, '')) {
    for (const node of nodes) {
      const table = node['Relation Name'] ?? ''
      if (node['Node Type'] === 'Seq Scan' && GROWING.includes(table)) {
        scanned.push(`${table} by ${text.trim().slice(0, 60)}`)
      }
    }
  }
  return scanned
}

/** How many rows pass through the steps of a transaction of `work`. */
async function rowsWorkedOn(work: () => PromiseLike<unknown>): Promise<number> {
  isDry = true
  const plans = await plansOf(work, /^\s*with/i, 'analyze, timing off, ')
  isDry = false
  let count = 0
  for (const node of plans.flatMap(({ nodes }) => nodes)) {
    const removed =
      (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0)
    count += ((node['Actual Rows'] ?? 0) + removed) * (node['Actual Loops'] ?? 0)
  }
  return count
}

const drawing = () => ({
  bases: [0],
  at: new Date(),
  notices: { percent: 10, key: randomUUID(), isByMail: false, isByWebhook: false },
})

const callOf = (at: Date) => ({
  ...{ id: randomUUID(), requestId: 'plans', userId, apiKeyId: null, endpoint: '/' },
  ...{ model: 'plan-model', stream: false, status: 200, errorCode: null, promptTokens: 5 },
  ...{ completionTokens: 5, estimated: false, timeToFirstByteMs: 1, durationMs: 5 },
  ...{ createdAt: at.toISOString(), group: 'plans', charge: null, mayHaveUsed: true },
  ...{ isFinal: true, tokens: 10 },
})

const rowOf = (id: string, at: Date) => ({
  ...{ logId: `plan-${id}`, userId, group: 'plans', meter: 'plans', cookieId: 'plan-1' },
  ...{ model: 'plan-model', isShared: true, quotaBefore: 9, quotaAfter: 8 },
  consumedAt: at.toISOString(),
})

it('settling a call reads nothing that grows as a whole', async () => {
  const at = new Date()
  const row = callOf(at)
  const consumed = rowOf(row.id, at)
  const settlement = { rows: [row], consumed: [consumed], reserve: 0, ...drawing() }
  expect(
    await scannedBy(() => record(db, settlement, readPending(db, ['plan-1'], [userId]))),
  ).toEqual([])

  const state = { level: 8, top: 9, topAt: 0, since: 0, openSince: +at, lastEndedAt: +at }
  const share = { logId: consumed.logId, model: 'plan-model', part: 1, tokens: 10, amount: 1 }
  const drop = { id: consumed.logId, startedAt: +at, endedAt: +at, lost: 1, outside: 0 }
  const change = {
    ...{ cookieId: 'plan-1', meter: 'plans', version: 1 },
    change: {
      ...{ state, open: [], changes: new Map([[consumed.logId, 1]]) },
      drops: [{ ...drop, shares: [share] }],
    },
    written: [{ ...share, dropId: drop.id, cookieId: 'plan-1', meter: 'plans' }],
    gone: [{ logId: 'plan-none', dropId: 'plan-none' }],
  }
  expect(await scannedBy(() => writeShares(db, [change], drawing()))).toEqual([])
})

it('settling many calls of one person takes as much for each as settling few', async () => {
  const perRow = async (calls: number) => {
    const rows = Array.from({ length: calls }, () => callOf(new Date()))
    // As many again belong to calls that others settle.
    const ids = [...rows.map(({ id }) => id), ...rows.map(() => randomUUID())]
    const consumed = ids.map((id) => rowOf(id, new Date()))
    const settlement = { rows, consumed, reserve: 0, ...drawing() }
    return (await rowsWorkedOn(() => record(db, settlement, readPending(db, [], [])))) / calls
  }
  const few = await perRow(20)
  expect(await perRow(400)).toBeLessThan(2 * few)
})

it('what a key has used, and what was used outside, are found by an index', async () => {
  expect(await scannedBy(() => keyUseSince(db, 1, new Date()))).toEqual([])
  expect(await scannedBy(() => readOutsideUse(db, userId, new Date(), 10))).toEqual([])
})
