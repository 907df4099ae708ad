import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningPart } from '../../../dev/stack/part.ts'
import { arm, CHAT, chat, MODEL, usageRows } from '../../support/chat.ts'
import { newChatter, standIn, type TestPerson, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

const PATIENCE_SECONDS = 1
let worker: RunningPart
/** Has given no sign of life by then: the status still says it. */
let untold: RunningPart
let person: TestPerson & { key: string }

beforeAll(async () => {
  const settings = {
    UPSTREAM_FIRST_BYTE_SECONDS: String(PATIENCE_SECONDS),
    UPSTREAM_IDLE_SECONDS: String(PATIENCE_SECONDS),
  }
  worker = await workerWith({ ...settings, STREAM_KEEPALIVE_SECONDS: '0.2' })
  untold = await workerWith({ ...settings, STREAM_KEEPALIVE_SECONDS: '5' })
  person = await newChatter()
})
afterAll(async () => {
  await worker.close()
  await untold.close()
})

const ask = (content: string, stream: boolean, { url: baseUrl } = worker) =>
  chat({ key: person.key, content, stream, baseUrl })

describe('silence', () => {
  it.each(['hang', 'hang_midway'])('is answered with 504 without a stream: %s', async (failure) => {
    const { status, error, durationMs } = await ask(await arm(failure), false, untold)
    expect({ status, code: error?.code }).toEqual({ status: 504, code: 'upstream_timeout' })
    expect(durationMs).toBeLessThan(PATIENCE_SECONDS * 1000 + 3_000)
  })

  it.each(['hang', 'hang_midway'])('ends a stream with an error event: %s', async (failure) => {
    const { error, isDone, durationMs, comments } = await ask(await arm(failure), true)
    expect(error?.code).toBe('upstream_timeout')
    expect(isDone).toBe(false)
    expect(comments).toBeGreaterThanOrEqual(2)
    expect(durationMs).toBeLessThan(PATIENCE_SECONDS * 1000 + 3_000)
  })

  it('is filled with comments before the first event, and the answer is whole', async () => {
    const marker = await arm('silence_first', { delayMs: 700 })
    const { content, comments, isDone } = await ask(marker, true)
    expect(comments).toBeGreaterThanOrEqual(2)
    expect(content).toContain(marker)
    expect(isDone).toBe(true)
  })

  it('is filled with comments between events', async () => {
    const { comments, isDone, error } = await ask(await arm('late_finish', { delayMs: 700 }), true)
    expect({ isDone, error }).toEqual({ isDone: true, error: null })
    expect(comments).toBeGreaterThanOrEqual(2)
  })

  it('turns a failure that comes late into an error event', async () => {
    const { status, error } = await ask(
      await arm('http_error', { delayMs: 500, status: 503 }),
      true,
    )
    expect(status).toBe(200)
    expect(error?.code).toBe('upstream_error')
  })

  it('has one row for each of these calls', async () => {
    const rows = await usageRows(person.id, 7)
    expect(rows.map((row) => row.status)).toEqual([504, 504, 504, 504, 200, 200, 502])
  })
})

describe('a client that leaves', () => {
  async function leave(failure: string, options: Record<string, unknown>, afterMs: number) {
    const chatter = await newChatter()
    const marker = await arm(failure, options)
    const controller = new AbortController()
    const response = await fetch(worker.url + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${chatter.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: MODEL,
        stream: true,
        messages: [{ role: 'user', content: marker }],
      }),
      signal: controller.signal,
    })
    await response.body?.getReader().read()
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    controller.abort()
    return { chatter, marker }
  }

  /** What the stand-in saw of the request with the marker. */
  async function seenUpstream(marker: string) {
    const { requests } = await standIn<{ requests: { body: string; aborted: boolean }[] }>(
      'requests',
    )
    return requests.find((request) => request.body.includes(marker))
  }

  it.each([
    ['while the model talks', 'many_events', { events: 2_000, delayMs: 5 }],
    ['while the model is silent', 'hang_midway', { afterEvents: 14 }],
  ])('ends the call of the model, and pays for what was said: %s', async (_, failure, options) => {
    const { chatter, marker } = await leave(failure, options, 100)
    await waitFor(async () => (await seenUpstream(marker))?.aborted === true, 3_000)
    const [row] = await usageRows(chatter.id, 1)
    expect(row).toMatchObject({ status: 499, error_code: 'client_gone', estimated: true })
    expect(row?.completion_tokens).toBeGreaterThan(0)
    expect(row?.prompt_tokens).toBeGreaterThan(0)
  })
})
