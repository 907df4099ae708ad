import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OpenAIStream } from '../../../src/gateway/dialects/openai/stream.ts'
import { Outlet } from '../../../src/gateway/streams/outlet.ts'
import { PassThrough, signDueMs } from '../../../src/gateway/streams/pass-through.ts'
import { KEEP_ALIVE } from '../../../src/gateway/streams/sse.ts'
import { Watchdog } from '../../../src/gateway/streams/watchdog.ts'
import { createBytePipe } from '../../../src/platform/byte-pipe.ts'
import { campaign } from '../../support/campaign.ts'

const KEEP_ALIVE_MS = 15_000
const IDLE_MS = 10_000_000
const RUNS = campaign('PASS_THROUGH_RUNS', { share: 300, full: 100_000 })
const clock = { now: () => Date.now() }

/** What the server does, one thing after another. */
interface Script {
  /** Pieces of the text, each after a pause in milliseconds. */
  pieces: { pauseMs: number; text: string }[]
  end: 'close' | 'reset' | 'open'
}

const chunk = (content: string, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: finish ? {} : { content }, finish_reason: finish }] })}\n\n`

/** A server's stream that plays the script on the simulated clock, and notes whether it was let go. */
function serve({ pieces, end }: Script, signal: AbortSignal) {
  const encoder = new TextEncoder()
  const seen = { isCancelled: false }
  const play = async (controller: ReadableByteStreamController) => {
    for (const { pauseMs, text } of pieces) {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
      if (seen.isCancelled) return
      if (text !== '') controller.enqueue(encoder.encode(text))
    }
    if (seen.isCancelled) return
    if (end === 'close') {
      seen.isCancelled = true
      controller.close()
    } else if (end === 'reset') {
      await new Promise((resolve) => setTimeout(resolve, 250))
      if (!seen.isCancelled) controller.error(new Error('reset'))
      seen.isCancelled = true
    }
  }
  const body = new ReadableStream({
    type: 'bytes',
    start(controller) {
      // What has come by then is still read, as from a connection.
      signal.addEventListener('abort', () => {
        if (seen.isCancelled) return
        seen.isCancelled = true
        controller.close()
      })
      void play(controller)
    },
    cancel() {
      seen.isCancelled = true
    },
  })
  return { body: body as ReadableStream<Uint8Array>, seen }
}

/** Reads as a client does, noting when each piece came. */
async function drink(readable: ReadableStream<Uint8Array>, eachMs: number) {
  const decoder = new TextDecoder()
  const read = { text: '', at: [] as { ms: number; text: string }[] }
  const done = (async () => {
    const reader = readable.getReader()
    for (;;) {
      const { done: isOver, value } = await reader
        .read()
        .catch(() => ({ done: true, value: undefined }))
      if (isOver || !value) return
      const text = decoder.decode(value, { stream: true })
      read.text += text
      read.at.push({ ms: clock.now(), text })
      if (eachMs > 0) await new Promise((resolve) => setTimeout(resolve, eachMs))
    }
  })()
  return { read, done }
}

async function pass(script: Script, eachMs = 0) {
  const startedAt = clock.now()
  const { readable, writable } = createBytePipe()
  const exchange = new AbortController()
  const { body, seen } = serve(script, exchange.signal)
  const outlet = new Outlet(clock, writable, () => exchange.abort())
  const translator = new OpenAIStream('none')
  let passThrough: PassThrough | null = null
  const watchdog = new Watchdog(
    clock,
    { firstByteMs: IDLE_MS, idleMs: IDLE_MS, totalMs: 10 * IDLE_MS },
    {
      onSilence: () => exchange.abort(),
      beats: [
        {
          everyMs: signDueMs(KEEP_ALIVE_MS),
          lastAt: () => Math.max(outlet.lastWriteAt, passThrough?.heardAt ?? 0),
          run: () => passThrough?.signOfLife(),
        },
      ],
    },
  )
  passThrough = new PassThrough(clock, { translator, outlet, watchdog }, KEEP_ALIVE_MS, () =>
    exchange.abort(),
  )
  const client = await drink(readable, eachMs)
  let tookMs = -1
  const run = (async () => {
    await passThrough.run({ text: '', chunks: [], isOver: false }, body)
    tookMs = clock.now() - startedAt
    watchdog.stop()
    await outlet.close()
    await passThrough.leave()
  })()
  const all = Promise.all([run, client.done]).then(() => 'over')
  const scriptMs = script.pieces.reduce((sum, { pauseMs }) => sum + pauseMs, 0)
  await vi.advanceTimersByTimeAsync(scriptMs + 10_000 + eachMs * 200)
  // What has not ended by now never will.
  if ((await Promise.race([all, Promise.resolve('hanging').then(later)])) !== 'over') {
    throw new Error(`hangs after ${JSON.stringify(client.read.text)}`)
  }
  return {
    ...client.read,
    translator,
    isBroken: passThrough.isBroken,
    isTorn: passThrough.isTorn,
    tookMs,
    seen,
    startedAt,
  }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

async function later<Value>(value: Value): Promise<Value> {
  await vi.advanceTimersByTimeAsync(1_000)
  return value
}

/** Cuts a text at the given places. */
function cut(text: string, places: number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((start, index) => text.slice(start, at[index] ?? text.length))
}

/** Mostly none; else about as long as the keep-alive, or as two, to the millisecond. */
const pause = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 0, 1, 5) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(1, 2, 3), fc.integer({ min: -3, max: 3 }))
      .map(([times, off]) => times * KEEP_ALIVE_MS + off),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
)

const happening = fc.oneof(
  { weight: 5, arbitrary: fc.string({ maxLength: 8 }).map((content) => chunk(content)) },
  { weight: 2, arbitrary: fc.constantFrom(': ping\n\n', ':\n\n', ': a\r\n\r\n', '\n') },
  { weight: 1, arbitrary: fc.constant('event: x\ndata: {"choices":[]}\n\n') },
)

const script = fc
  .record({
    events: fc.array(happening, { minLength: 1, maxLength: 8 }),
    places: fc.array(fc.nat(), { maxLength: 8 }),
    pauses: fc.array(pause, { minLength: 12, maxLength: 12 }),
    last: fc.constantFrom('', chunk('', 'stop'), `${chunk('', 'stop')}data: [DONE]\n\n`),
    end: fc.constantFrom('close', 'close', 'reset', 'open'),
  })
  .map(({ events, places, pauses, last, end }): Script & { text: string } => {
    const text = events.join('') + last
    const pieces = cut(text, places).map((piece, index) => ({
      pauseMs: pauses[index] ?? 0,
      text: piece,
    }))
    return { text, pieces, end: end === 'open' && last === '' ? 'close' : (end as Script['end']) }
  })

describe('PassThrough', () => {
  it(`gives the client what the server sent, and whole comments between events (${RUNS})`, {
    timeout: 3_600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.constantFrom(0, 0, 0, 7), async (played, eachMs) => {
        const { text, tookMs, isBroken, isTorn, translator } = await pass(played, eachMs)
        const sent = text.replaceAll(KEEP_ALIVE, '')
        // What a slow client has not read when the connection breaks is lost, and what comes long
        // after the model's last word is not waited for.
        const mayBeCut = played.end === 'reset' && eachMs > 0
        const hasEnded = sent.includes('"stop"')
        if (mayBeCut || hasEnded) expect(played.text.startsWith(sent)).toBe(true)
        else expect(sent).toBe(played.text)
        // Each comment stands where an event has just ended, or at the beginning.
        const parts = text.split(KEEP_ALIVE)
        for (const part of parts.slice(0, -1)) {
          if (part !== '') expect(part).toMatch(/[\r\n]$/)
        }
        const before = parts.map((_, index) => parts.slice(0, index).join(''))
        for (const part of before.slice(1)) {
          if (part !== '') expect(part).toMatch(/^(\n|[\s\S]*(\n\n|\r\n\r\n?))$/)
        }
        // The standard's streams lose what has not been read when they break; workerd's do not.
        if (played.end === 'reset') return
        translator.end(isBroken)
        expect(translator.failure === null).toBe(played.text.includes('"stop"'))
        expect(isTorn).toBe(false)
        expect(tookMs).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: RUNS },
    )
  })
})
