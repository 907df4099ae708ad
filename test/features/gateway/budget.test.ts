import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningWorker } from '../../../dev/worker/server.ts'
import { type ChaosProxy, startChaosProxy } from '../../support/chaos-proxy.ts'
import { CHAT, MODEL, usageRows } from '../../support/chat.ts'
import { forgetPools, grant, newLender } from '../../support/quota.ts'
import { redis as command, storeRequests } from '../../support/redis.ts'
import { stack, standIn, type TestPerson, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'
import { newClient, newTokens } from '../oauth/support.ts'

/** What every store call takes: far more than all else that a request does. */
const DELAY_MS = 250

const OWN_QUERIES = ['select * from usage_logs', 'select 1 from consumption_rows']

const time = (at: string | number) => new Date(at).getTime()

interface Logged {
  seq: number
  at: string | number
  /** Of Redis. */
  commands?: string[][]
  /** Of PostgreSQL. */
  queries?: string[]
}

describe('store calls of a chat', () => {
  let redis: ChaosProxy
  let database: ChaosProxy
  let person: TestPerson & { key: string }
  let rows = 0

  beforeAll(async () => {
    const endpoint = new URL(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    database = await startChaosProxy(endpoint.origin)
    redis = await startChaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
    person = await newLender()
    await grant(person, 1.9)
    await standIn('config', { chat: { firstEventDelayMs: 1_500 } })
    await redis.inflict('slow', DELAY_MS)
    await database.inflict('slow', DELAY_MS)
  })
  afterAll(async () => {
    await standIn('reset-config', {})
    await redis?.close()
    await database?.close()
  })

  const worker = async () => {
    const own = await workerWith({
      NEON_FETCH_ENDPOINT:
        database.url + new URL(stack.bindings.NEON_FETCH_ENDPOINT ?? '').pathname,
      UPSTASH_REDIS_REST_URL: redis.url,
      // The isolate's own copies last as long as the tests, unless a test starts another Worker.
      PRINCIPAL_CACHE_SECONDS: '60',
    })
    // The time for loading the gateway's code is none of the stores'.
    expect((await fetch(own.url + CHAT, { method: 'POST' })).status).toBe(401)
    return own
  }

  /** Asks, and says how many store calls the plug-in had to wait for, one after the other. */
  async function ask({ url }: RunningWorker, credential = person.key) {
    const before = await storeRequests()
    const { latest } = await standIn<{ latest: number }>('requests')
    const startedAt = Date.now()
    const response = await fetch(url + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: MODEL,
        stream: true,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-quota-remaining')).not.toBeNull()
    await response.text()
    const endedAt = Date.now()
    const { requests } = await standIn<{ requests: { at: string; path: string }[] }>(
      `requests?after=${latest}`,
    )
    const calledAt = time(requests.find((each) => each.path === CHAT)?.at ?? 0)
    await usageRows(person.id, ++rows)
    // What is left in Redis for the next time arrives behind the answer.
    await new Promise((resolve) => setTimeout(resolve, 4 * DELAY_MS))
    const after = await storeRequests()
    const since = (all: Logged[], seq: number) => all.filter((each) => each.seq > seq)
    // The test itself looks for the usage row, and whether it is complete, by queries of its own.
    const sql = since(after.sql.requests as Logged[], before.sql.seq).filter(
      ({ queries }) =>
        !OWN_QUERIES.some((beginning) => queries?.[0]?.trimStart().startsWith(beginning)),
    )
    return {
      waitedFor: Math.floor((calledAt - startedAt) / DELAY_MS),
      sql: sql.length,
      sqlBeforeEnd: sql.filter((each) => time(each.at) < endedAt).length,
      commands: since(after.redis.requests as Logged[], before.redis.seq).flatMap(
        (each) => each.commands ?? [],
      ),
    }
  }

  it('are PostgreSQL between two of Redis when nobody knows the key, and then Redis knows everything', async () => {
    await forget(person)
    const own = await worker()
    try {
      expect((await ask(own)).waitedFor).toBeLessThanOrEqual(3)
      await waitFor(async () => (await command('EXISTS', ...copiesOf(person))) === 3)
    } finally {
      await own.close()
    }
  })

  it('are two in turn when the isolate knows nothing, never of PostgreSQL before the last byte', async () => {
    const own = await worker()
    try {
      const { waitedFor, sqlBeforeEnd } = await ask(own)
      expect(waitedFor).toBeLessThanOrEqual(2)
      expect(sqlBeforeEnd).toBe(0)
    } finally {
      await own.close()
    }
  })

  it('are none when the isolate knows it: three Redis commands and two of PostgreSQL, afterwards', async () => {
    const own = await worker()
    try {
      await minuteOf(25_000)
      // The first call learns how far the limits are, the second takes calls ahead.
      await ask(own)
      await ask(own)
      const asked = [await ask(own), await ask(own), await ask(own)]
      expect(asked.map(({ waitedFor }) => waitedFor)).toEqual([0, 0, 0])
      for (const { sql, sqlBeforeEnd, commands } of asked) {
        expect(sqlBeforeEnd).toBe(0)
        // What the call was, and what is charged for it.
        expect(sql).toBe(2)
        expect(commands.length, JSON.stringify(commands)).toBeLessThanOrEqual(3)
      }
    } finally {
      await own.close()
    }
  })

  it('are none either for an application that acts for somebody whom the isolate knows', async () => {
    const app = await newClient({ auth_method: 'none' })
    const { access_token } = await newTokens(person, app, { scope: 'chat' })
    const own = await worker()
    try {
      await minuteOf(10_000)
      await ask(own, access_token)
      await ask(own, access_token)
      const asked = [await ask(own, access_token), await ask(own, access_token)]
      expect(asked.map(({ waitedFor }) => waitedFor)).toEqual([0, 0])
    } finally {
      await own.close()
    }
  })
})

/** Waits until so much is left of a minute: in each, a rate limit has to be asked about anew. */
async function minuteOf(ms: number): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000)
  if (left < ms) await new Promise((resolve) => setTimeout(resolve, left + 100))
}

async function forget(person: TestPerson & { key: string }): Promise<void> {
  await command('DEL', ...copiesOf(person))
  await forgetPools(person)
}

function copiesOf(person: TestPerson & { key: string }): string[] {
  const hash = createHash('sha256').update(person.key).digest('hex')
  return [`principal:${hash}`, `person:${person.id}`, `pool:${person.id}`]
}
