import { parseJson } from '../../platform/json.ts'

/** No event is larger: generated images travel inside one as base64. */
const MAX_EVENT_CHARACTERS = 48 * 1024 * 1024

/**
 * Cuts a byte stream of server-sent events (WHATWG HTML §9.2.6) into the `data` of its events,
 * wherever the chunks happen to be cut: inside a line, between CR and LF, inside a character.
 * Events without data (comments) are left out.
 */
export class SseReader {
  readonly #decoder = new TextDecoder()
  #rest = ''

  /**
   * @returns the data of every event that is complete now
   * @throws {Error} when an event grows beyond every measure
   */
  push(chunk: Uint8Array): string[] {
    const text = this.#decoder.decode(chunk, { stream: true })
    // Without a line end nothing can be complete; joining is then all that a large event costs.
    if (this.#rest !== '' && !text.includes('\n') && !text.includes('\r')) {
      this.#rest += text
      if (this.#rest.length > MAX_EVENT_CHARACTERS) throw new Error('the event is too large')
      return []
    }
    return this.#take(this.#rest + text)
  }

  /** The stream has ended: an event without its blank line counts, since some servers omit the last one. */
  end(): string[] {
    const events = this.#take(`${this.#rest}${this.#decoder.decode()}\n\n`)
    this.#rest = ''
    return events
  }

  #take(buffered: string): string[] {
    if (buffered.includes('\r')) return this.#takeWithReturns(buffered)
    const blocks = buffered.split('\n\n')
    this.#rest = blocks.pop() ?? ''
    return dataOf(blocks)
  }

  /** Lines may end in CR, LF or CRLF. A CR at the end may be half of a CRLF: it waits for the next chunk. */
  #takeWithReturns(buffered: string): string[] {
    const usable = buffered.endsWith('\r') ? buffered.length - 1 : buffered.length
    const normal = buffered.slice(0, usable).replaceAll('\r\n', '\n').replaceAll('\r', '\n')
    const blocks = normal.split('\n\n')
    this.#rest = (blocks.pop() ?? '') + buffered.slice(usable)
    return dataOf(blocks)
  }
}

function dataOf(blocks: string[]): string[] {
  const events: string[] = []
  for (const block of blocks) {
    // What nearly every event is: one line of data.
    const data =
      block.startsWith('data: ') && !block.includes('\n', 6) ? block.slice(6) : dataLines(block)
    if (data !== '') events.push(data)
  }
  return events
}

function dataLines(block: string): string {
  const lines = block.split('\n')
  const data = lines
    .filter((line) => line.startsWith('data:'))
    .map((line) => (line.startsWith('data: ') ? line.slice(6) : line.slice(5)))
    .join('\n')
  return lines.some((line) => /^event: ?error$/.test(line)) ? asError(data) : data
}

/** An event that is called an error is one, whatever its data looks like. */
function asError(data: string): string {
  const json = parseJson(data)
  if (json === undefined) return JSON.stringify({ object: 'error', error: { message: data } })
  const isTold = typeof json === 'object' && json !== null && 'error' in json && json.error
  return isTold ? data : JSON.stringify({ object: 'error', error: json ?? {} })
}

/** Whether a body is a stream of events, whatever its server calls it. */
export function isEventStream(text: string): boolean {
  return /^\uFEFF?\s*(data|event|id|retry)?:/.test(text)
}

/** Writes one event. */
export function sseEvent(data: string): string {
  return `data: ${data}\n\n`
}

/** What SSE clients ignore (WHATWG HTML §9.2.6) but every machine on the way takes for life. */
export const KEEP_ALIVE = ': keep-alive\n\n'

/** The end of OpenAI's streams. */
export const DONE = '[DONE]'
