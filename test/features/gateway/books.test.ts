import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningWorker } from '../../../dev/worker/server.ts'
import { type ChaosProxy, startChaosProxy } from '../../support/chaos-proxy.ts'
import { arm, CHAT, chat, MODEL, usageOf, usageRows } from '../../support/chat.ts'
import { newChatter, stack, standIn, type TestPerson, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

type Worker = RunningWorker & { logs: string[] }

const runCron = (worker: { url: string }) =>
  fetch(`${worker.url}/cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*`)

async function begin(url: string, key: string, content: string, signal?: AbortSignal) {
  const response = await fetch(url + CHAT, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, stream: true, messages: [{ role: 'user', content }] }),
    ...(signal && { signal }),
  })
  return response.body!.getReader()
}

describe('a Worker that is killed in the middle of its calls', () => {
  it('leaves one row for each of them, and none for those that were over', async () => {
    const settings = { CALL_LEASE_SECONDS: '1' }
    const doomed = await workerWith(settings)
    const person = await newChatter()
    await chat({ key: person.key, baseUrl: doomed.url })
    await usageRows(person.id, 1)

    const markers = await Promise.all(
      Array.from({ length: 3 }, () => arm('many_events', { events: 4_000, delayMs: 5 })),
    )
    const whole = await arm('hang')
    const readers = await Promise.all(
      markers.map((marker) => begin(doomed.url, person.key, marker)),
    )
    await Promise.all(readers.map((reader) => reader.read()))
    const unanswered = chat({ key: person.key, content: whole, baseUrl: doomed.url }).catch(
      () => null,
    )
    // Long enough for a lease to be renewed with what has been said.
    await new Promise((resolve) => setTimeout(resolve, 900))
    process.kill(doomed.pid, 'SIGKILL')
    await unanswered
    await doomed.close()

    const worker = await workerWith(settings)
    try {
      // Nobody else's call is touched.
      const alive = await begin(
        worker.url,
        person.key,
        await arm('many_events', { events: 600, delayMs: 5 }),
      )
      await waitFor(async () => {
        await runCron(worker)
        return (await usageOf(person.id)).length >= 5
      })
      for (;;) if ((await alive.read()).done) break
      const rows = await usageRows(person.id, 6)
      await runCron(worker)
      expect((await usageOf(person.id)).length).toBe(6)
      const interrupted = rows.filter((row) => row.error_code === 'interrupted')
      expect(interrupted).toHaveLength(4)
      for (const row of interrupted) expect(row).toMatchObject({ status: 500, estimated: true })
      expect(interrupted.filter((row) => (row.completion_tokens ?? 0) > 0)).toHaveLength(3)
      expect(rows.at(-1)).toMatchObject({ status: 200, error_code: null })
    } finally {
      await worker.close()
    }
  })
})

describe('without any store', () => {
  let database: ChaosProxy
  let redis: ChaosProxy
  let worker: Worker
  let person: TestPerson & { key: string }

  beforeAll(async () => {
    const endpoint = new URL(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    database = await startChaosProxy(endpoint.origin)
    redis = await startChaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
    worker = await workerWith({
      NEON_FETCH_ENDPOINT: database.url + endpoint.pathname,
      UPSTASH_REDIS_REST_URL: redis.url,
    })
    person = await newChatter()
  })
  afterAll(async () => {
    await worker?.close()
    await database?.close()
    await redis?.close()
  })

  it('the row stands in the log, complete', async () => {
    const reader = await begin(
      worker.url,
      person.key,
      await arm('many_events', { events: 60, delayMs: 5 }),
    )
    await reader.read()
    await database.inflict('reset')
    await redis.inflict('reset')
    for (;;) if ((await reader.read()).done) break
    const find = () => worker.logs.find((line) => line.includes('usage_row_not_written'))
    await waitFor(async () => find() !== undefined)
    expect(JSON.parse(find() ?? '')).toMatchObject({
      userId: person.id,
      model: MODEL,
      stream: true,
      status: 200,
      endpoint: CHAT,
      promptTokens: expect.any(Number),
      completionTokens: expect.any(Number),
      createdAt: expect.any(String),
    })
    expect(find()).not.toContain(person.key)
    await database.recover()
    await redis.recover()
  })
})

describe('200 streams, fifty at once, of which 60 are left', () => {
  it('have 200 rows, and nothing stays open', { timeout: 120_000 }, async () => {
    await standIn('config', { consumption: 0, chat: { events: 60, eventDelayMs: 5 } })
    const worker = await workerWith({ STREAM_KEEPALIVE_SECONDS: '1', CONCURRENCY_LIMIT: '1000' })
    try {
      const person = await newChatter()
      // The embedded stores do not bear many questions at once about somebody whom nobody knows.
      expect((await chat({ key: person.key, baseUrl: worker.url })).status).toBe(200)
      await usageRows(person.id, 1)
      const socketsAtRest = openSockets(worker.pid)
      const wave = (first: number) =>
        Promise.all(
          Array.from({ length: 50 }, async (_, at) => {
            const index = first + at
            const controller = new AbortController()
            const reader = await begin(worker.url, person.key, 'Hello', controller.signal)
            const leaveAfter = index % 10 < 3 ? 1 + ((index * 7) % 5) : Number.POSITIVE_INFINITY
            for (let read = 0; ; read++) {
              if (read >= leaveAfter) return controller.abort()
              if ((await reader.read()).done) return
            }
          }),
        )
      const round = async () => {
        for (const first of [0, 50, 100, 150]) await wave(first)
      }
      await round()
      await usageRows(person.id, 201)
      const memoryBefore = memoryMb(worker.pid)
      await round()
      const rows = await usageRows(person.id, 401)
      const left = rows.filter((row) => row.status === 499).length
      // Some of those who leave late have everything already.
      expect(left).toBeGreaterThan(60)
      expect(left).toBeLessThanOrEqual(120)
      expect(rows.every((row) => row.status === 200 || row.status === 499)).toBe(true)
      expect(memoryMb(worker.pid)).toBeLessThan(memoryBefore * 1.5 + 50)
      // What is kept for reuse is given up after some seconds; what is leaked stays.
      await waitFor(async () => openSockets(worker.pid) <= socketsAtRest + 5, 30_000)
    } finally {
      await worker.close()
      await standIn('reset-config', {})
    }
  })

  function openSockets(pid: number): number {
    return readdirSync(`/proc/${pid}/fd`).length
  }

  function memoryMb(pid: number): number {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
    return (pages * 4) / 1_024
  }
})
