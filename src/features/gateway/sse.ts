/**
 * Cuts a byte stream of server-sent events (WHATWG HTML §9.2.6) into the `data` of its events,
 * wherever the chunks happen to be cut: inside a line, between CR and LF, inside a character.
 */
export class SseReader {
  readonly #decoder = new TextDecoder()
  #rest = ''

  /** @returns the data of every event that is complete now */
  push(chunk: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(chunk, { stream: true }))
  }

  /** The stream has ended: an event without its blank line counts, since some servers omit the last one. */
  end(): string[] {
    const events = this.#take(`${this.#decoder.decode()}\n\n`)
    this.#rest = ''
    return events
  }

  #take(text: string): string[] {
    // A CR at the end may be the first half of CRLF: it waits for the next chunk.
    const buffered = this.#rest + text
    const usable = buffered.endsWith('\r') ? buffered.length - 1 : buffered.length
    const normal = buffered.slice(0, usable).replaceAll('\r\n', '\n').replaceAll('\r', '\n')
    const blocks = normal.split('\n\n')
    this.#rest = (blocks.pop() ?? '') + buffered.slice(usable)
    return blocks.map(dataOf).filter((data) => data !== '')
  }
}

function dataOf(block: string): string {
  return block
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => (line.startsWith('data: ') ? line.slice(6) : line.slice(5)))
    .join('\n')
}

/** Writes one event. */
export function sseEvent(data: string): string {
  return `data: ${data}\n\n`
}
