import type { Armed } from './faults.ts'
import { DEFAULT_DELAY_MS, type Reply } from './reply.ts'

const DEFAULT_AFTER_EVENTS = 2
const DEFAULT_GARBAGE = '{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"delta":{'

/** A server-sent event stream that carries out armed transport faults. */
export class EventStream {
  readonly #reply: Reply
  readonly #fault: Armed | undefined
  #count = 0
  /** Set once a fault ended the stream; everything after it is only acted out. */
  #over = false

  constructor(reply: Reply) {
    this.#reply = reply
    this.#fault = reply.fault
  }

  /** Sends the headers. */
  async begin(): Promise<void> {
    if (this.#fault?.failure === 'slow') await this.#reply.pause(this.#delay)
    this.#reply.head(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      Connection: 'keep-alive',
    })
    if (this.#fault?.failure === 'silence_first') await this.#reply.pause(this.#delay)
  }

  /** Sends one content or reasoning chunk. */
  async chunk(value: unknown): Promise<void> {
    await this.#breakIfDue()
    if (this.#count > 0) {
      if (this.#fault?.failure === 'slow') await this.#reply.pause(this.#delay)
      if (this.#fault?.failure === 'many_events') await this.#reply.pause(this.#fault.delayMs ?? 0)
    }
    await this.#event(JSON.stringify(value))
    this.#count += 1
  }

  /** Sends the finish chunk and the end mark, and closes the stream. */
  async finish(value: unknown): Promise<void> {
    await this.#breakIfDue(true)
    if (this.#fault?.failure === 'late_finish') await this.#reply.pause(this.#delay)
    await this.#event(JSON.stringify(value))
    if (this.#fault?.failure !== 'no_done') await this.#event('[DONE]')
    if (!this.#over) this.#reply.end()
  }

  /** Carries out a fault that is due after a number of events, or at the latest before the finish. */
  async #breakIfDue(last = false): Promise<void> {
    const fault = this.#fault
    if (this.#over || !fault) return
    const after = fault.afterEvents ?? DEFAULT_AFTER_EVENTS
    if (fault.failure === 'garbage') {
      if (this.#count === after || (last && this.#count < after)) {
        await this.#event(fault.text ?? DEFAULT_GARBAGE)
        await this.#event('this is not JSON')
      }
      return
    }
    if (!last && this.#count < after) return
    switch (fault.failure) {
      case 'hang_midway':
        this.#over = true
        return this.#reply.silence()
      case 'reset_midway':
      case 'killed_midway':
        this.#over = true
        return this.#reply.reset()
      case 'clean_early_end':
        this.#over = true
        return this.#reply.end()
      case 'drop_answer':
        this.#over = last
        return last ? this.#reply.destroy() : undefined
      default:
    }
  }

  async #event(data: string): Promise<void> {
    if (this.#over) return
    const newline = this.#fault?.failure === 'crlf' ? '\r\n' : '\n'
    const event = `data: ${data}${newline}${newline}`
    if (this.#fault?.failure === 'split_bytes') await this.#reply.writeSplit(event)
    else await this.#reply.write(event)
  }

  get #delay(): number {
    return this.#fault?.delayMs ?? DEFAULT_DELAY_MS
  }
}
