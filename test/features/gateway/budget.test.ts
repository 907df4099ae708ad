import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningPart } from '../../../dev/stack/part.ts'
import { CHAT, MODEL, usageRows } from '../../support/chat.ts'
import {
  newChatter,
  stack,
  standIn,
  type TestPerson,
  waitFor,
  workerWith,
} from '../../support/stack.ts'

interface Logged {
  at: string | number
  /** Of Redis. */
  commands?: string[][]
}
const REDIS = stack.bindings.UPSTASH_REDIS_REST_URL ?? ''
const DATABASE = new URL('/', stack.bindings.NEON_FETCH_ENDPOINT ?? 'http://localhost').href

async function logOf(base: string, after: number): Promise<{ seq: number; requests: Logged[] }> {
  const url = new URL(`/__requests?after=${after}`, base)
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${stack.bindings.UPSTASH_REDIS_REST_TOKEN}` },
  })
  return (await response.json()) as { seq: number; requests: Logged[] }
}

/**
 * Nobody waits for what is left in Redis for the next time; nor for the count of the limit, where it
 * leaves together with those.
 */
const isBehind = (requests: Logged[]) => {
  const copies = requests.filter(({ commands }) => commands?.[0]?.[0] === 'set')
  return (each: Logged) =>
    copies.includes(each) || (copies.length > 0 && /^evalsha?$/.test(each.commands?.[0]?.[0] ?? ''))
}

const time = (at: string | number) => new Date(at).getTime()

describe('store requests of a chat', () => {
  let worker: RunningPart
  let person: TestPerson & { key: string }
  let rows = 0

  beforeAll(async () => {
    await standIn('config', { chat: { firstEventDelayMs: 150 } })
    // The isolate's own copies last as long as the tests, unless a test starts another Worker.
    worker = await workerWith({ PRINCIPAL_CACHE_SECONDS: '60' })
    person = await newChatter()
    await forget(person)
  })
  afterAll(async () => {
    await worker?.close()
    await standIn('reset-config', {})
  })

  /** Asks, and counts what reached the stores before the plug-in was called, and before the last byte. */
  async function ask(url: string) {
    const redis = (await logOf(REDIS, 0)).seq
    const database = (await logOf(DATABASE, 0)).seq
    const { latest } = await standIn<{ latest: number }>('requests')
    const response = await fetch(url + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: MODEL,
        stream: true,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    })
    await response.text()
    const endedAt = Date.now()
    const { requests } = await standIn<{ requests: { at: string; path: string }[] }>(
      `requests?after=${latest}`,
    )
    const calledAt = time(requests.find((each) => each.path === CHAT)?.at ?? 0)
    const reached = async (base: string, seq: number, moment: number) => {
      const { requests } = await logOf(base, seq)
      const behind = isBehind(requests)
      return requests.filter((each) => time(each.at) < moment && !behind(each)).length
    }
    const counts = {
      redis: await reached(REDIS, redis, calledAt),
      database: await reached(DATABASE, database, calledAt),
      databaseBeforeEnd: await reached(DATABASE, database, endedAt),
    }
    await usageRows(person.id, ++rows)
    return counts
  }

  it('are the key in Redis and the key in PostgreSQL when nobody knows the key', async () => {
    const { redis, database, databaseBeforeEnd } = await ask(worker.url)
    expect({ redis, database }).toEqual({ redis: 1, database: 1 })
    expect(databaseBeforeEnd).toBe(database)
    await waitFor(async () => (await command('EXISTS', ...snapshotKeys(person))) === 2)
  })

  it('are at most one when the isolate knows it', async () => {
    const { redis, database, databaseBeforeEnd } = await ask(worker.url)
    expect(redis).toBeLessThanOrEqual(1)
    expect(database + databaseBeforeEnd).toBe(0)
  })

  it('never reach PostgreSQL before the last byte when Redis knows it', async () => {
    const fresh = await workerWith({})
    try {
      const { redis, database, databaseBeforeEnd } = await ask(fresh.url)
      expect(redis).toBeLessThanOrEqual(2)
      expect(database + databaseBeforeEnd).toBe(0)
    } finally {
      await fresh.close()
    }
  })
})

async function forget(person: TestPerson & { key: string }): Promise<void> {
  await command('DEL', ...snapshotKeys(person))
}

function snapshotKeys(person: TestPerson & { key: string }): string[] {
  const hash = createHash('sha256').update(person.key).digest('hex')
  return [`principal:${hash}`, `person:${person.id}`]
}

async function command(...parts: string[]): Promise<unknown> {
  const response = await fetch(REDIS, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.bindings.UPSTASH_REDIS_REST_TOKEN}` },
    body: JSON.stringify(parts),
  })
  return ((await response.json()) as { result: unknown }).result
}
