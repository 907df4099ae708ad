import type { Clock } from '../../platform/clock.ts'
import { KEEP_ALIVE } from './sse.ts'

/** A client that reads slower than the model speaks holds the model back from here on. */
const FULL_CHARACTERS = 256 * 1024

/** The way to the client: one write at a time, and notice of nobody reading any more. */
export class Outlet {
  /** Nobody reads any more. */
  isGone = false
  /** When something was last sent, or when the outlet was made. */
  lastWriteAt: number
  readonly #clock: Clock
  readonly #writable: WritableStream<Uint8Array>
  readonly #onGone: () => void
  readonly #encoder = new TextEncoder()
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null
  #pending = ''
  #writing: Promise<void> | null = null

  constructor(clock: Clock, writable: WritableStream<Uint8Array>, onGone: () => void) {
    this.#clock = clock
    this.#writable = writable
    this.#onGone = onGone
    this.lastWriteAt = clock.now()
  }

  /** Sends whole events: now, or as soon as what is under way has left. */
  send(text: string): void {
    if (this.isGone || text === '') return
    this.#pending += text
    this.#flush()
  }

  /** Sends bytes as they are; settles when they have left. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    await this.settled()
    this.#begin(bytes)
    await this.#writing
  }

  /** A sign of life; between events only. */
  comment(text = KEEP_ALIVE): void {
    if (this.#pending === '' && !this.#writing) this.send(text)
  }

  get isFull(): boolean {
    return this.#pending.length > FULL_CHARACTERS
  }

  /** Everything has left, or nobody reads any more. */
  async settled(): Promise<void> {
    while (!this.isGone && (this.#writing || this.#pending !== '')) {
      if (this.#writing) await this.#writing
      else this.#flush()
    }
  }

  /** Sends what is left and ends the answer. */
  async close(): Promise<void> {
    await this.settled()
    if (this.isGone) return
    await this.#writerOf()
      .close()
      .catch(() => this.#noteGone())
  }

  /** Lets something else write to the client, after everything has left. */
  async lend(): Promise<WritableStream<Uint8Array>> {
    await this.settled()
    this.#writer?.releaseLock()
    this.#writer = null
    return this.#writable
  }

  #flush(): void {
    if (this.#writing || this.#pending === '') return
    const bytes = this.#encoder.encode(this.#pending)
    this.#pending = ''
    this.#begin(bytes)
  }

  #begin(bytes: Uint8Array): void {
    this.#writing = this.#write(bytes).then(() => {
      this.#writing = null
      if (!this.isGone) this.#flush()
    })
  }

  #write(bytes: Uint8Array): Promise<void> {
    if (this.isGone) return Promise.resolve()
    this.lastWriteAt = this.#clock.now()
    return this.#writerOf()
      .write(bytes)
      .catch(() => this.#noteGone())
  }

  #writerOf(): WritableStreamDefaultWriter<Uint8Array> {
    if (!this.#writer) {
      this.#writer = this.#writable.getWriter()
      this.#writer.closed.catch(() => undefined)
    }
    return this.#writer
  }

  /** Writing fails only when nobody reads any more. */
  #noteGone(): void {
    if (this.isGone) return
    this.isGone = true
    this.#pending = ''
    this.#onGone()
  }
}
