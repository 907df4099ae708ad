const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const COLON = 0x3a

/**
 * Follows the bytes of a stream of server-sent events (WHATWG HTML §9.2.6) just far enough to know
 * where one ends, however the pieces are cut: only there a comment may be put between.
 */
export class EventEdges {
  /** What has come so far ends with a whole event or comment; true before anything has come. */
  isBetweenEvents = true
  #isAtLineStart = true
  #isAfterReturn = false

  /** @returns whether there is more in these bytes than comments and blank lines */
  push(bytes: Uint8Array): boolean {
    let last = bytes.byteLength - 1
    while (last >= 0 && isLineEnd(bytes[last])) last--
    const [first] = bytes
    const isPlain = last > 0 && this.#isAtLineStart && first !== COLON && !isLineEnd(first)
    if (!isPlain) return this.#follow(bytes, 0)
    // Nearly all pieces: they begin with a field, and where they leave off the end alone tells.
    this.#isAtLineStart = false
    this.#follow(bytes, last)
    return true
  }

  #follow(bytes: Uint8Array, from: number): boolean {
    let hasField = false
    for (let index = from; index < bytes.byteLength; index++) {
      const byte = bytes[index]
      const isSecondHalf = byte === LINE_FEED && this.#isAfterReturn
      this.#isAfterReturn = byte === CARRIAGE_RETURN
      if (isSecondHalf) continue
      if (isLineEnd(byte)) {
        // A blank line after a blank line ends nothing, and does no harm.
        this.isBetweenEvents = this.#isAtLineStart
        this.#isAtLineStart = true
        continue
      }
      if (this.#isAtLineStart && byte !== COLON) hasField = true
      this.#isAtLineStart = false
      this.isBetweenEvents = false
    }
    return hasField
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN
}
