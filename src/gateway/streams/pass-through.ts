import type { Clock } from '../../platform/clock.ts'
import { startTimer, type Timer, within } from '../../platform/timer.ts'
import { EventEdges } from './event-edges.ts'
import { graceMs } from './grace.ts'
import type { StreamParts } from './parts.ts'
import type { Beginning } from './relay.ts'
import { Source } from './source.ts'

/** How often the books listen: what has come meanwhile is read in one piece. With the moment after it, how late an end is noticed. */
const LISTEN_EVERY_MS = 150
/** A body that ends by itself within this time leaves its connection usable. */
const MOMENT_MS = 50

/** A sign of life is due a little before whatever else keeps the same time: two beats never fall together. */
const EARLY = 0.9

/**
 * Lets the bytes of a stream flow natively, which costs a fraction of touching them; the books
 * listen to a second branch of it, lazily.
 *
 * When the client needs a sign of life, the native flow is ended for good, since nobody else can
 * write into it: the rest of the (slow) stream comes from the second branch, with comments between
 * events. What the books have heard by then has flowed, for it came long before; what they hear once
 * the flow has ended has not. Between the two lies the time that ending it takes, some microseconds:
 * a comment of the server's is dropped there, and anything else is owned up to.
 */
export class PassThrough {
  /** When the books last heard something, or when the flow began. */
  heardAt: number
  /** The body broke off instead of ending. */
  isBroken = false
  readonly #clock: Clock
  readonly #parts: StreamParts
  readonly #giveUp: () => void
  readonly #listenEveryMs: number
  readonly #stopFlow = new AbortController()
  readonly #edges = new EventEdges()
  #mode: 'native' | 'flowed' | 'stopping' | 'relayed' = 'native'
  /** Something came in the moment in which the flow was being ended: nobody knows who has it. */
  isTorn = false
  #isOver = false
  #source: Source | null = null
  #grace: Timer | null = null
  readonly #ended = Promise.withResolvers<null>()
  readonly #flowEnded = Promise.withResolvers<void>()

  /**
   * @param quietMs after how long a silence the client needs a sign of life
   * @param giveUp breaks the body off: no more of it is needed
   */
  constructor(clock: Clock, parts: StreamParts, quietMs: number, giveUp: () => void) {
    this.#clock = clock
    this.#parts = parts
    this.#giveUp = giveUp
    // A silence has to be known as one by the time it lasts long enough.
    this.#listenEveryMs = Math.min(LISTEN_EVERY_MS, quietMs / 3)
    this.heardAt = clock.now()
  }

  /** What has been sent ends with a whole event. */
  get isBetweenEvents(): boolean {
    return this.#edges.isBetweenEvents
  }

  /**
   * Runs to the end of the stream.
   *
   * @param beginning what has been read of it, and heard by the translator, already
   */
  async run({ chunks }: Beginning, body: ReadableStream<Uint8Array>): Promise<void> {
    const { outlet } = this.#parts
    const [flowing, forBooks] = body.tee()
    this.#source = Source.inBulk(forBooks)
    for (const chunk of chunks) {
      this.#edges.push(chunk)
      await outlet.sendBytes(chunk)
    }
    const writable = await outlet.lend()
    if (outlet.isGone) {
      flowing.cancel().catch(() => undefined)
      return
    }
    const flow = this.#flow(flowing, writable)
    this.#noteEnd(true)
    await this.#listen(this.#source)
    this.#grace?.cancel()
    // What breaks from here on is what we break off.
    this.isBroken = this.#source.isBroken
    if (this.#isOver) await this.#letFlowEnd()
    await flow
  }

  /** The answer is over before its body is: what is under way still arrives, then the body is given up. */
  async #letFlowEnd(): Promise<void> {
    await within(MOMENT_MS, this.#flowEnded.promise, undefined)
    if (this.#mode === 'native') this.#giveUp()
  }

  /** Lets go of the body, after giving it a moment to end by itself. */
  async leave(): Promise<void> {
    await this.#source?.leave()
  }

  /** Nothing has come for long: takes the stream over, so that comments can be written into it. */
  signOfLife(): void {
    if (!this.#edges.isBetweenEvents) return
    if (this.#mode === 'native') this.#stop()
    else this.#comment()
  }

  async #flow(
    flowing: ReadableStream<Uint8Array>,
    writable: WritableStream<Uint8Array>,
  ): Promise<void> {
    const { signal } = this.#stopFlow
    const kept = { preventClose: true, preventAbort: true, preventCancel: true }
    try {
      await flowing.pipeTo(writable, { ...kept, signal })
    } catch {
      if (!signal.aborted && !this.#isOver) await this.#probe()
    }
    // One branch of a tee is not gone before the other is: nothing to wait for.
    flowing.cancel().catch(() => undefined)
    const wasStopped = this.#mode === 'stopping'
    this.#mode = wasStopped ? 'relayed' : 'flowed'
    this.#flowEnded.resolve()
    if (wasStopped) this.#comment()
  }

  async #listen(source: Source): Promise<void> {
    const { outlet } = this.#parts
    while (!this.#isOver && !outlet.isGone) {
      const chunk = await Promise.race([source.next(), this.#ended.promise])
      if (chunk === null) return
      const mode = this.#mode
      const isComment = !this.#hear(chunk)
      if (mode === 'native') {
        if (!this.#isOver) await within(this.#listenEveryMs, this.#flowEnded.promise, undefined)
      } else if (mode === 'relayed') await outlet.sendBytes(chunk)
      else if (mode === 'stopping' && !(isComment && this.#edges.isBetweenEvents)) {
        this.isTorn = true
        return
      }
    }
  }

  /** @returns whether there was more in it than comments */
  #hear(chunk: Uint8Array): boolean {
    const { translator, watchdog } = this.#parts
    this.heardAt = this.#clock.now()
    const isMore = this.#edges.push(chunk)
    if (isMore) watchdog.heard()
    if (!translator.failure) translator.push(chunk)
    this.#noteEnd(isMore)
    return isMore
  }

  /** The answer may have an end before its body has; comments put it off no further. */
  #noteEnd(isMore: boolean): void {
    const { translator } = this.#parts
    if (translator.isDone || translator.failure) {
      this.#end()
      return
    }
    if (this.#grace && !isMore) return
    this.#grace?.cancel()
    this.#grace = translator.hasFinished
      ? startTimer(graceMs(translator, this.#edges.isBetweenEvents), () => this.#end())
      : null
  }

  #end(): void {
    this.#isOver = true
    this.#ended.resolve(null)
  }

  #stop(): void {
    this.#mode = 'stopping'
    this.#stopFlow.abort()
  }

  #comment(): void {
    if (this.#mode === 'relayed' && this.#edges.isBetweenEvents) this.#parts.outlet.comment()
  }

  /** The flow was broken, by the source or by the client: only writing tells. */
  async #probe(): Promise<void> {
    const { outlet } = this.#parts
    if (this.#edges.isBetweenEvents) outlet.comment()
    await outlet.settled()
  }
}

/** After how long a silence a sign of life is due, where it has to be there after so long. */
export function signDueMs(keepAliveMs: number): number {
  return keepAliveMs * EARLY
}
