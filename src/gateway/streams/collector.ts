import type { Clock } from '../../platform/clock.ts'
import { startTimer, type Timer } from '../../platform/timer.ts'
import { graceMs } from './grace.ts'
import type { StreamParts } from './parts.ts'

/**
 * Shortest time between two writes, and so the longest that an event is held. Every write costs tens
 * of microseconds of CPU, and what is translated together costs less: events that come faster than a
 * screen is drawn leave together; slower ones leave when they come, and so do the first and the last.
 */
const COLLECT_MS = 40
/** `[DONE]` and its blank line. */
const END = new TextEncoder().encode('[DONE]\n\n')

/** Collects what comes from the AI service and passes it on through the translator, in one go. */
export class Collector {
  /** Settles when the translator has found an end in what was passed on after a while, or waited for one in vain. */
  readonly over: Promise<void>
  readonly #parts: StreamParts
  readonly #clock: Clock
  readonly #end = Promise.withResolvers<void>()
  #chunks: Uint8Array[] = []
  #timer: Timer | null = null
  #grace: Timer | null = null
  #hasMore = false

  constructor(parts: StreamParts, clock: Clock) {
    this.#parts = parts
    this.#clock = clock
    this.over = this.#end.promise
  }

  /** Nothing that comes from now on counts, or nobody is there to read it. */
  get isOver(): boolean {
    const { translator, outlet } = this.#parts
    return translator.failure !== null || translator.isDone || outlet.isGone
  }

  /** @param isMore whether there is more in it than comments, which put no end off */
  add(chunk: Uint8Array, isMore: boolean): void {
    this.#chunks.push(chunk)
    this.#hasMore ||= isMore
    if (isEnd(chunk)) this.pass()
    else this.#passSoon()
  }

  /** Passes on what has come. */
  pass(): void {
    this.#timer?.cancel()
    this.#timer = null
    const bytes = joined(this.#chunks)
    this.#chunks = []
    const { outlet, translator } = this.#parts
    if (this.isOver) return
    outlet.send(translator.push(bytes))
    if (this.#grace && !this.#hasMore) return
    this.#hasMore = false
    this.#grace?.cancel()
    this.#grace = translator.hasFinished
      ? startTimer(graceMs(translator), () => this.#end.resolve())
      : null
  }

  stop(): void {
    this.#grace?.cancel()
    this.#timer?.cancel()
    this.#chunks = []
  }

  #passSoon(): void {
    if (this.#timer) return
    const wait = this.#parts.outlet.lastWriteAt + COLLECT_MS - this.#clock.now()
    if (wait <= 0) this.pass()
    else this.#timer = startTimer(wait, () => this.#ring())
  }

  #ring(): void {
    this.pass()
    if (this.isOver) this.#end.resolve()
  }
}

function isEnd(chunk: Uint8Array): boolean {
  const start = chunk.byteLength - END.byteLength
  return start >= 0 && END.every((byte, index) => chunk[start + index] === byte)
}

/** Pieces as one. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  if (chunks.length === 1 && only) return only
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
