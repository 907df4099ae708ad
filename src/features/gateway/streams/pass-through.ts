import { sleep, within } from '../../../platform/timer.ts'
import type { Outlet } from './outlet.ts'
import type { StreamParts } from './relay.ts'
import { Source } from './source.ts'

/** How often the books listen: what has come meanwhile is read in one piece. */
const LISTEN_EVERY_MS = 500
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
  readonly #parts: StreamParts
  readonly #stopPipe = new AbortController()
  #mode: 'native' | 'switching' | 'relayed' = 'native'
  #pipe: Promise<void> = Promise.resolve()
  #isPiping = false
  #wake = Promise.withResolvers<void>()
  #endsWithEvent = true
  /** The native flow was ended at the very moment something came: nobody knows who has it. */
  isTorn = false

  constructor(parts: StreamParts) {
    this.#parts = parts
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
      // Why it ended shows when the rest is written: a broken source leaves the client reachable.
      .catch(() => undefined)
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
    if (this.#mode === 'native' && this.#isPiping) {
      this.#mode = 'switching'
      this.#stopPipe.abort()
      await this.#pipe
      // Whatever came together with the end of the pipe is heard before this.
      await sleep(1)
      this.#mode = 'relayed'
    }
    if (this.#mode === 'relayed' && this.#endsWithEvent && !this.isTorn) outlet.comment()
  }

  async #listen(source: Source, outlet: Outlet): Promise<void> {
    const { translator, watchdog } = this.#parts
    while (!translator.failure && !this.isTorn) {
      const chunk = await source.next()
      if (chunk === null) return
      watchdog.heard()
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
    if (this.#isPiping) await within(LISTEN_EVERY_MS, this.#wake.promise, undefined)
  }
}
