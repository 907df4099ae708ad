import { within } from '../../platform/timer.ts'

const BULK_BYTES = 64 * 1024
/** A body that ends by itself within this time leaves its connection usable. */
const MOMENT_MS = 250

interface Read {
  done: boolean
  value?: Uint8Array | undefined
}

/** workerd's addition to the standard. */
interface BulkReader {
  readAtLeast(minBytes: number, view: Uint8Array): Promise<Read>
  releaseLock(): void
  cancel(): Promise<void>
}

/** Reads a body piece by piece. A connection that breaks is an end too, and `isBroken` tells. */
export class Source {
  /** The body broke off instead of ending. */
  isBroken = false
  readonly #reader: Pick<BulkReader, 'releaseLock' | 'cancel'>
  readonly #read: () => Promise<Read>
  #coming: Promise<Uint8Array | null> | null = null

  private constructor(
    reader: Pick<BulkReader, 'releaseLock' | 'cancel'>,
    read: () => Promise<Read>,
  ) {
    this.#reader = reader
    this.#read = read
  }

  /** Piece by piece as they come. */
  static of(body: ReadableStream<Uint8Array>): Source {
    const reader = body.getReader()
    return new Source(reader, () => reader.read())
  }

  /** In pieces of up to 64 KB of what has piled up. A piece is valid until the next is asked for. */
  static inBulk(body: ReadableStream<Uint8Array>): Source {
    // What has only the standard reads piece by piece.
    if (!('readAtLeast' in ReadableStreamBYOBReader.prototype)) return Source.of(body)
    const reader = body.getReader({ mode: 'byob' }) as unknown as BulkReader
    let buffer = new Uint8Array(BULK_BYTES)
    return new Source(reader, async () => {
      const result = await reader.readAtLeast(1, buffer)
      if (result.value) buffer = new Uint8Array(result.value.buffer as ArrayBuffer)
      return result
    })
  }

  /** The next bytes, or null at the end. Asked again before they have come, it waits for the same ones. */
  next(): Promise<Uint8Array | null> {
    this.#coming ??= this.#take()
    return this.#coming
  }

  /** Gives the rest of the body to somebody else. */
  release(): void {
    this.#reader.releaseLock()
  }

  /** Lets go of the body, after giving it a moment to end by itself. */
  async leave(): Promise<void> {
    const isOver = await within(MOMENT_MS, this.#drain(), false)
    if (!isOver) await this.#reader.cancel().catch(() => undefined)
  }

  async #take(): Promise<Uint8Array | null> {
    try {
      return pieceOf(await this.#read())
    } catch {
      this.isBroken = true
      return null
    } finally {
      this.#coming = null
    }
  }

  async #drain(): Promise<true> {
    while ((await this.next()) !== null);
    return true
  }
}

function pieceOf({ done, value }: Read): Uint8Array | null {
  return done ? null : (value ?? null)
}
