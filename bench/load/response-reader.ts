/** Where the reader is within a response. */
type State = 'head' | 'length' | 'until-close' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'done'

const TAIL_BYTES = 64
const CR_LF = '\r\n'
const NOTHING = Buffer.alloc(0)

/**
 * Follows one HTTP/1.1 response through the pieces in which it arrives. Node's own client would cost
 * more than the servers that are compared, and become what is measured.
 */
export class ResponseReader {
  status = 0
  /** The end of the body, enough to recognise a complete answer. */
  tail: Buffer = NOTHING
  bodyBytes = 0
  #state: State = 'head'
  #rest: Buffer = NOTHING
  #left = 0

  /** @returns whether the response is complete now */
  push(bytes: Buffer): boolean {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (this.#step()) {
      // Goes on as long as there is something to take.
    }
    return this.#state === 'done'
  }

  /** The connection has ended. @returns whether that completes the response */
  end(): boolean {
    return this.#state === 'until-close'
  }

  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#head()
      case 'length':
      case 'until-close':
      case 'chunk-data':
        return this.#body()
      case 'chunk-size':
        return this.#chunkSize()
      case 'chunk-end':
        return this.#chunkEnd()
      case 'done':
        return false
    }
  }

  #head(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = this.#rest.toString('latin1', 0, end)
    this.#rest = this.#rest.subarray(end + 4)
    this.status = Number(head.slice(9, 12))
    const length = /^content-length: *(\d+)/im.exec(head)?.[1]
    if (/^transfer-encoding: *chunked/im.test(head)) this.#state = 'chunk-size'
    else if (length !== undefined) {
      this.#left = Number(length)
      this.#state = this.#left === 0 ? 'done' : 'length'
    } else this.#state = 'until-close'
    return true
  }

  #body(): boolean {
    if (this.#rest.length === 0) return false
    const isEndless = this.#state === 'until-close'
    const part = isEndless ? this.#rest : this.#rest.subarray(0, this.#left)
    this.#rest = this.#rest.subarray(part.length)
    this.bodyBytes += part.length
    this.tail =
      part.length >= TAIL_BYTES
        ? part.subarray(-TAIL_BYTES)
        : Buffer.concat([this.tail, part]).subarray(-TAIL_BYTES)
    if (isEndless) return false
    this.#left -= part.length
    if (this.#left === 0) this.#state = this.#state === 'length' ? 'done' : 'chunk-end'
    return true
  }

  #chunkSize(): boolean {
    const end = this.#rest.indexOf(CR_LF)
    if (end < 0) return false
    this.#left = Number.parseInt(this.#rest.toString('latin1', 0, end), 16)
    if (this.#left === 0) {
      // Nobody here sends trailers: what is left is one empty line.
      if (this.#rest.length < end + 4) return false
      this.#rest = this.#rest.subarray(end + 4)
      this.#state = 'done'
      return true
    }
    this.#rest = this.#rest.subarray(end + 2)
    this.#state = 'chunk-data'
    return true
  }

  #chunkEnd(): boolean {
    if (this.#rest.length < 2) return false
    this.#rest = this.#rest.subarray(2)
    this.#state = 'chunk-size'
    return true
  }
}
