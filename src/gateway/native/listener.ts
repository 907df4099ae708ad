import { AppError } from '../../errors.ts'
import { parseJson } from '../../platform/json.ts'
import { isObject, type JsonObject } from '../dialects/fields.ts'
import type { TokenUsage } from '../dialects/token-usage.ts'
import { SseReader } from '../streams/sse.ts'
import type { NativeCall, NativeRequest } from './calls.ts'
import { joined } from './token-counts.ts'

/** What ends the streams that say so: https://platform.openai.com/docs/api-reference/responses-streaming, Anthropic's. */
const LAST = /^(response\.(completed|incomplete|failed|cancelled)|message_stop)$/
const FAILED = /^(error|response\.failed)$/

/** Hears what passes, for the books: what was counted, what was said, and whether it came to its end. */
export class Listener {
  usage: TokenUsage | null = null
  /** Roughly, in UTF-8 bytes; for the estimate where nothing is counted. */
  producedBytes = 0
  hasEnded = false
  failure: AppError | null = null
  readonly #call: NativeCall
  readonly #request: NativeRequest
  readonly #sse = new SseReader()

  constructor(call: NativeCall, request: NativeRequest) {
    this.#call = call
    this.#request = request
  }

  push(bytes: Uint8Array): void {
    for (const data of this.#sse.push(bytes)) {
      const event = parseJson(data)
      if (isObject(event)) this.hear(event)
    }
  }

  /** A whole answer, or an event. */
  hear(said: JsonObject): void {
    this.usage = joined(this.usage, this.#call.count(said, this.#request))
    const { type, delta } = said
    if (typeof delta === 'string') this.producedBytes += delta.length
    else if (isObject(delta)) this.producedBytes += textLength(delta)
    if (typeof type !== 'string') return
    this.hasEnded ||= LAST.test(type)
    if (FAILED.test(type)) {
      this.failure = new AppError('upstream_error', 'The AI service failed within its answer.')
    }
  }

  /** What was used, where the answer does not say it either. */
  get counted(): TokenUsage | null {
    return this.usage ?? this.#call.assume?.(this.#request) ?? null
  }
}

function textLength({ text, thinking, partial_json }: JsonObject): number {
  return [text, thinking, partial_json].reduce<number>(
    (sum, each) => sum + (typeof each === 'string' ? each.length : 0),
    0,
  )
}
