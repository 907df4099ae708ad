import type { AppError } from '../../errors.ts'
import { parseJson } from '../../platform/json.ts'
import type { StreamTranslator, TokenUsage } from '../dialects/index.ts'
import { DONE } from '../streams/sse.ts'
import { type AnswerEvent, AnswerReader, saysSomething } from './answer.ts'
import type { AnswerWriter } from './face.ts'
import { InOrder } from './in-order.ts'

const EVENT = 'data: '

/** Behind a dialect's translator: turns the chat that it writes into a face's events. */
export class FaceStream implements StreamTranslator {
  readonly #inner: StreamTranslator
  readonly #writer: AnswerWriter
  readonly #reader = new AnswerReader()
  readonly #order = new InOrder()
  /** Whether there was anything that a person, or a program, can go on with. */
  #hasSaid = false

  constructor(inner: StreamTranslator, writer: AnswerWriter) {
    this.#inner = inner
    this.#writer = writer
  }

  push(bytes: Uint8Array): string {
    return this.#writer.write(this.#events(this.#inner.push(bytes)))
  }

  end(isBroken?: boolean): string {
    const events = this.#events(this.#inner.end(isBroken))
    if (this.failure) return this.#writer.write(events)
    return this.#writer.write([...events, ...this.#order.end()]) + this.#writer.end()
  }

  get hasBegun(): boolean {
    return this.#inner.hasBegun
  }

  get isDone(): boolean {
    return this.#inner.isDone
  }

  get hasFinished(): boolean {
    return this.#inner.hasFinished
  }

  get expectsUsage(): boolean {
    return this.#inner.expectsUsage
  }

  get isFailureTold(): boolean {
    return false
  }

  get failure(): AppError | null {
    return this.#inner.failure
  }

  get usage(): TokenUsage | null {
    return this.#inner.usage
  }

  get producedBytes(): number {
    return this.#inner.producedBytes
  }

  /** Nothing but thoughts, or nothing at all: some clients then ask again. */
  get isEmpty(): boolean {
    return !this.#hasSaid
  }

  #events(text: string): AnswerEvent[] {
    if (text === '') return []
    const events: AnswerEvent[] = []
    for (const block of text.split('\n\n')) {
      if (!block.startsWith(EVENT)) continue
      const data = block.slice(EVENT.length)
      if (data === DONE) continue
      for (const event of this.#reader.read(parseJson(data))) {
        if (saysSomething(event)) this.#hasSaid = true
        events.push(...this.#order.push(event))
      }
    }
    return events
  }
}

/** The events of a whole chat completion. */
export function eventsOf(completion: string): AnswerEvent[] {
  const order = new InOrder()
  const events = new AnswerReader()
    .read(parseJson(completion))
    .flatMap((event) => order.push(event))
  return [...events, ...order.end()]
}
