import { connect, type Socket } from 'node:net'
import { ResponseReader } from './response-reader.ts'

/** One exchange. Times are milliseconds. */
export interface Exchange {
  latencyMs: number
  firstByteMs: number
  /** Null when the answer was as expected. */
  error: string | null
}

interface Pending {
  startedAt: number
  firstByteAt: number | null
  reader: ResponseReader
  resolve: (exchange: Exchange) => void
}

/** A kept-alive connection that sends the same request again and again, one at a time. */
export class Connection {
  readonly #target: URL
  readonly #request: Buffer
  readonly #endsWith: string
  #socket: Socket | null = null
  #pending: Pending | null = null

  constructor(url: string, request: Buffer, endsWith: string) {
    this.#target = new URL(url)
    this.#request = request
    this.#endsWith = endsWith
  }

  /** Sends the request and waits for the whole answer. Never rejects. */
  exchange(): Promise<Exchange> {
    return new Promise((resolve) => {
      this.#pending = {
        startedAt: performance.now(),
        firstByteAt: null,
        reader: new ResponseReader(),
        resolve,
      }
      this.#socket ??= this.#open()
      this.#socket.write(this.#request)
    })
  }

  /** Gives up what is under way. */
  close(): void {
    this.#socket?.destroy()
    this.#finish('given up')
  }

  #open(): Socket {
    const socket = connect({
      host: this.#target.hostname,
      port: Number(this.#target.port),
      noDelay: true,
    })
    socket.on('data', (bytes) => this.#receive(bytes))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#finish(this.#pending?.reader.end() ? this.#verdict() : 'connection lost')
    })
    return socket
  }

  #receive(bytes: Buffer): void {
    const pending = this.#pending
    if (!pending) return
    const isComplete = pending.reader.push(bytes)
    if (pending.reader.bodyBytes > 0) pending.firstByteAt ??= performance.now()
    if (isComplete) this.#finish(this.#verdict())
  }

  #verdict(): string | null {
    const { status = 0, tail } = this.#pending?.reader ?? {}
    if (status !== 200) return `status ${status}`
    return tail?.toString('latin1').trimEnd().endsWith(this.#endsWith) ? null : 'incomplete answer'
  }

  #finish(error: string | null): void {
    const pending = this.#pending
    if (!pending) return
    this.#pending = null
    const now = performance.now()
    pending.resolve({
      latencyMs: now - pending.startedAt,
      firstByteMs: (pending.firstByteAt ?? now) - pending.startedAt,
      error,
    })
  }
}
