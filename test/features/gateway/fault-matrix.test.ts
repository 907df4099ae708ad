import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningPart } from '../../../dev/stack/part.ts'
import { type ChaosProxy, FAULTS, type Fault, startChaosProxy } from '../../support/chaos-proxy.ts'
import { arm, CHAT, type ChatAnswer, chat, MODEL, usageOf } from '../../support/chat.ts'
import { redis, snapshotKeys } from '../../support/redis.ts'
import { newChatter, stack, type TestPerson, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const PATIENCE_SECONDS = 1
/** What an answer may take beyond the patience that is configured. */
const MARGIN_MS = 3_000

/** Which setting of the Worker points at which server. */
const VICTIMS = {
  PostgreSQL: 'NEON_FETCH_ENDPOINT',
  Redis: 'UPSTASH_REDIS_REST_URL',
  'the plug-in': 'PLUGIN_API_BASE_URL',
} as const
type Victim = keyof typeof VICTIMS

/** What a client sees when a fault is there from the beginning. Null: an answer, as if nothing was. */
const BEFORE: Record<Victim, Record<Fault, number | null>> = {
  // The books are written after the answer, and the credential is known to Redis.
  PostgreSQL: { refused: null, hung: null, reset: null, slow: null, garbage: null },
  Redis: { refused: 503, hung: 503, reset: 503, slow: null, garbage: 503 },
  'the plug-in': { refused: 502, hung: 504, reset: 502, slow: null, garbage: 502 },
}
/** The code of the error event when a fault begins in the middle of a stream. */
const DURING: Record<Victim, Record<Fault, string | null>> = {
  PostgreSQL: { refused: null, hung: null, reset: null, slow: null, garbage: null },
  Redis: { refused: null, hung: null, reset: null, slow: null, garbage: null },
  'the plug-in': {
    refused: 'upstream_error',
    hung: 'upstream_timeout',
    reset: 'upstream_error',
    slow: null,
    garbage: 'upstream_error',
  },
}

// Each waits for its own server most of the time.
describe.concurrent.each(Object.keys(VICTIMS) as Victim[])('with %s out of order', (victim) => {
  let proxy: ChaosProxy
  let worker: RunningPart
  let person: TestPerson & { key: string }
  let expectedRows = 0

  beforeAll(async () => {
    const setting = VICTIMS[victim]
    const target = new URL(stack.bindings[setting] ?? '')
    proxy = await startChaosProxy(target.origin)
    worker = await workerWith({
      [setting]: proxy.url + target.pathname.replace(/\/$/, ''),
      UPSTREAM_FIRST_BYTE_SECONDS: String(PATIENCE_SECONDS),
      UPSTREAM_IDLE_SECONDS: String(PATIENCE_SECONDS),
      // Every request asks Redis, so that a fault there shows.
      PRINCIPAL_CACHE_SECONDS: '0',
    })
    person = await newChatter()
    await forget(person)
    await ask()
    expectedRows++
    await waitFor(() => isKnownToRedis(person))
  })
  afterAll(async () => {
    await worker?.close()
    await proxy?.close()
  })

  const ask = (content = 'Hello', stream = true) =>
    chat({ key: person.key, content, stream, baseUrl: worker.url })

  /** All is well again without a restart, and the books have what happened once. */
  async function recovered(): Promise<void> {
    await proxy.recover()
    // Connections that were kept are broken once; nobody may repeat a call that costs something.
    await waitFor(async () => {
      const answer = await ask()
      if (answer.status !== 503) expectedRows++
      return answer.isDone
    })
    await waitFor(async () => {
      await fetch(`${worker.url}/cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*`)
      return (await usageOf(person.id)).length >= expectedRows
    }, 20_000)
    expect(await usageOf(person.id)).toHaveLength(expectedRows)
  }

  function expectBounded({ durationMs }: ChatAnswer): void {
    expect(durationMs).toBeLessThan(PATIENCE_SECONDS * 1_000 + MARGIN_MS)
  }

  it.each(FAULTS)('%s before', { concurrent: false }, async (fault) => {
    await proxy.inflict(fault, 600)
    const wanted = BEFORE[victim][fault]
    for (const stream of [true, false]) {
      const answer = await ask('Hello', stream)
      expect(answer.status).toBe(wanted ?? 200)
      expect(answer.error === null).toBe(wanted === null)
      if (answer.status === 503) expect(answer.headers.has('retry-after')).toBe(true)
      expectBounded(answer)
      // Whom the credential belongs to is not known while Redis is away: nobody's books.
      if (wanted !== 503) expectedRows++
    }
    await recovered()
  })

  it.each(FAULTS)('%s during a stream', { concurrent: false }, async (fault) => {
    const marker = await arm('many_events', { events: 150, delayMs: 5 })
    const started = await startStream(worker.url, person.key, marker)
    await proxy.inflict(fault, 600)
    const { error, isDone } = await started.rest()
    expectedRows++
    expect(error).toBe(DURING[victim][fault])
    expect(isDone).toBe(error === null)
    await recovered()
  })

  it.each(FAULTS)('%s after a stream', { concurrent: false }, async (fault) => {
    const answer = await ask()
    await proxy.inflict(fault, 600)
    expectedRows++
    expect(answer.isDone).toBe(true)
    // The settlement is under way in this very moment.
    await new Promise((resolve) => setTimeout(resolve, 300))
    await recovered()
  })
})

it.each(FAULTS)(
  'nobody gets in while PostgreSQL is %s and Redis has forgotten them',
  async (fault) => {
    const target = new URL(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    const proxy = await startChaosProxy(target.origin)
    const worker = await workerWith({
      NEON_FETCH_ENDPOINT: proxy.url + target.pathname,
      PRINCIPAL_CACHE_SECONDS: '0',
    })
    try {
      const person = await newChatter()
      await forget(person)
      await proxy.inflict(fault, 600)
      const answer = await chat({ key: person.key, baseUrl: worker.url })
      expect(answer.status).toBe(fault === 'slow' ? 200 : 503)
      expect(answer.durationMs).toBeLessThan(MARGIN_MS + 500)
      if (fault === 'slow') return
      expect(answer.headers.has('retry-after')).toBe(true)
      await proxy.recover()
      expect((await chat({ key: person.key, baseUrl: worker.url })).status).toBe(200)
    } finally {
      await worker.close()
      await proxy.close()
    }
  },
)

async function forget(person: TestPerson & { key: string }): Promise<void> {
  await redis('DEL', ...snapshotKeys(person))
}

async function isKnownToRedis(person: TestPerson & { key: string }): Promise<boolean> {
  return (await redis('EXISTS', ...snapshotKeys(person))) === 2
}

/** A stream that has begun; `rest` reads it to its end. */
async function startStream(baseUrl: string, key: string, content: string) {
  const response = await fetch(baseUrl + CHAT, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, stream: true, messages: [{ role: 'user', content }] }),
  })
  const decoder = new TextDecoder()
  const reader = response.body!.getReader()
  let text = decoder.decode((await reader.read()).value, { stream: true })
  return {
    async rest() {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        text += decoder.decode(value, { stream: true })
      }
      const failure = /^data: (\{"error":.*)$/m.exec(text)?.[1]
      return {
        isDone: text.includes('data: [DONE]'),
        error: failure ? (JSON.parse(failure) as { error: { code: string } }).error.code : null,
      }
    },
  }
}
