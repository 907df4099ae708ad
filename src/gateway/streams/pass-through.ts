import type { Clock } from '../../platform/clock.ts'
import { sleep, within } from '../../platform/timer.ts'
import type { Outlet } from './outlet.ts'
import type { StreamParts } from './parts.ts'
import { Source } from './source.ts'

/** How often the books listen: what has come meanwhile is read in one piece. */
const LISTEN_EVERY_MS = 1_000
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * Lets the bytes of a stream flow natively, which costs a fraction of touching them; the books
 * listen to a second branch of it, lazily.
 *
 * Once nothing has come for so long that the client needs a sign of life, the native flow is ended
 * for good, since nobody else can write into it: the rest of the (slow) stream comes from the
 * second branch.
 */
export class PassThrough {
  /** When the books last heard something, or when the flow began. */
  heardAt: number
  readonly #clock: Clock
  readonly #parts: StreamParts
  readonly #listenEveryMs: number
  readonly #stopPipe = new AbortController()
  #mode: 'native' | 'switching' | 'relayed' = 'native'
  #pipe: Promise<void> = Promise.resolve()
  #isPiping = false
  /** The books have heard all that has come, and wait for more. */
  #isWaiting = false
  #wake = Promise.withResolvers<void>()
  #endsWithEvent = true
  /** The native flow was ended at the very moment something came: nobody knows who has it. */
  isTorn = false

  /** @param quietMs after how long a silence the client needs a sign of life */
  constructor(clock: Clock, parts: StreamParts, quietMs: number) {
    this.#clock = clock
    this.#parts = parts
    // A silence has to be known as one by the time it lasts long enough.
    this.#listenEveryMs = Math.min(LISTEN_EVERY_MS, quietMs / 3)
    this.heardAt = clock.now()
  }

  /** Runs to the end of the stream. */
  async run(body: ReadableStream<Uint8Array>): Promise<void> {
    const { outlet } = this.#parts
    const [forClient, forBooks] = body.tee()
    const writable = await outlet.lend()
    if (outlet.isGone) {
      await Promise.allSettled([forClient.cancel(), forBooks.cancel()])
      return
    }
    this.#isPiping = true
    this.#pipe = forClient
      .pipeTo(writable, {
        preventClose: true,
        preventAbort: true,
        signal: this.#stopPipe.signal,
      })
      .catch(() => this.#probe())
      .then(() => {
        this.#isPiping = false
        this.#wake.resolve()
      })
    await this.#listen(Source.inBulk(forBooks), outlet)
    await this.#pipe
  }

  /** Nothing has come for long: takes the stream over, so that comments can be written into it. */
  async signOfLife(): Promise<void> {
    const { outlet } = this.#parts
    if (this.#mode === 'native') {
      if (!this.#isPiping || !this.#isWaiting) return
      this.#mode = 'switching'
      this.#stopPipe.abort()
      await this.#pipe
      // Whatever came together with the end of the pipe is heard before this.
      await sleep(1)
      this.#mode = 'relayed'
    }
    if (this.#mode === 'relayed' && this.#endsWithEvent && !this.isTorn) outlet.comment()
  }

  /** The flow was broken, by the source or by the client: only writing tells. */
  async #probe(): Promise<void> {
    if (this.#mode !== 'native') return
    const { outlet } = this.#parts
    outlet.comment()
    await outlet.settled()
  }

  async #listen(source: Source, outlet: Outlet): Promise<void> {
    const { translator, watchdog } = this.#parts
    while (!translator.failure && !this.isTorn) {
      this.#isWaiting = true
      const chunk = await source.next()
      this.#isWaiting = false
      if (chunk === null) return
      watchdog.heard()
      this.heardAt = this.#clock.now()
      translator.push(chunk)
      this.#endsWithEvent =
        chunk.at(-1) === LINE_FEED &&
        (chunk.at(-2) === LINE_FEED || chunk.at(-2) === CARRIAGE_RETURN)
      if (this.#mode === 'switching') this.isTorn = true
      else if (this.#mode === 'relayed') await outlet.sendBytes(chunk)
      else await this.#pause()
      if (outlet.isGone) return
    }
    await source.leave()
  }

  async #pause(): Promise<void> {
    if (this.#isPiping) await within(this.#listenEveryMs, this.#wake.promise, undefined)
  }
}
