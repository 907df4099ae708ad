import { AppError } from '../../../errors.ts'
import { parseJson } from '../../../platform/json.ts'
import { DONE, SseReader, sseEvent } from '../../streams/sse.ts'
import type { StreamTranslator } from '../dialect.ts'
import { isObject, type JsonObject, tokensOf, usageOf } from '../fields.ts'
import type { TokenUsage } from '../token-usage.ts'
import { explainEvent } from './refusal.ts'

/**
 * Listens to a stream that is OpenAI's already. Its events leave as they came; with `hide` the
 * usage that the client did not ask for is kept back.
 */
export class OpenAIStream implements StreamTranslator {
  hasBegun = false
  isDone = false
  failure: AppError | null = null
  usage: TokenUsage | null = null
  producedBytes = 0
  readonly #usageOption: 'keep' | 'hide'
  readonly #sse = new SseReader()
  #hasFinished = false
  /** How the last event looked that only added to the text: the next one probably looks the same. */
  #mould: Mould | null = null

  constructor(usageOption: 'keep' | 'hide') {
    this.#usageOption = usageOption
  }

  push(bytes: Uint8Array): string {
    try {
      return this.#listen(this.#sse.push(bytes))
    } catch {
      this.failure = brokenOff()
      return ''
    }
  }

  end(): string {
    const out = this.isDone ? '' : this.#listen(this.#sse.end())
    // Without the end mark and without a finish the answer may be anything but whole.
    if (!this.failure && !this.isDone && !this.#hasFinished) this.failure = brokenOff()
    return this.failure ? out : out + sseEvent(DONE)
  }

  #listen(events: string[]): string {
    let out = ''
    for (const data of events) {
      if (this.failure || this.isDone) return out
      if (data === DONE) {
        this.isDone = true
        continue
      }
      const content = this.#mould === null ? -1 : plainContent(data, this.#mould)
      if (content >= 0) {
        this.producedBytes += content
        out += sseEvent(data)
        continue
      }
      const chunk = parseJson(data)
      if (!isObject(chunk)) {
        this.failure = brokenOff()
        return out
      }
      out += this.#hear(chunk, data)
    }
    return out
  }

  #hear(chunk: JsonObject, data: string): string {
    if (chunk.error !== undefined && chunk.error !== null) {
      this.failure = explainEvent(chunk)
      return ''
    }
    this.hasBegun = true
    const usage = usageOf(chunk.usage)
    if (usage) this.usage = tokensOf(usage)
    const choices = Array.isArray(chunk.choices) ? chunk.choices : []
    for (const choice of choices) {
      if (!isObject(choice)) continue
      if (choice.finish_reason) this.#hasFinished = true
      if (isObject(choice.delta)) this.producedBytes += spokenBytes(choice.delta)
    }
    if (this.#usageOption === 'keep') {
      this.#mould = usage || this.#hasFinished ? null : mouldOf(data)
      return sseEvent(data)
    }
    if (choices.length === 0) return ''
    if (!('usage' in chunk)) return sseEvent(data)
    const { usage: _, ...rest } = chunk
    return sseEvent(JSON.stringify(rest))
  }
}

/** What stands before and after the text in an event of plain text. */
interface Mould {
  before: string
  after: string
}

const TEXT = '"delta":{"content":"'
/** What ends a text, begins an escape, or does not belong into JSON as it is. */
const UNPLAIN = /["\\\p{Cc}]/u

function mouldOf(data: string): Mould | null {
  const start = data.indexOf(TEXT) + TEXT.length
  const end = data.indexOf('"', start)
  if (start < TEXT.length || end < 0 || data.includes('\\')) return null
  return { before: data.slice(0, start), after: data.slice(end) }
}

/**
 * An event that differs from a known one in its text alone, which needs no escapes, need not be read
 * as JSON.
 *
 * @returns the text's UTF-8 bytes, or -1 where the event is of another form
 */
function plainContent(data: string, { before, after }: Mould): number {
  const end = data.length - after.length
  if (end < before.length || !data.startsWith(before) || !data.endsWith(after)) return -1
  const text = data.slice(before.length, end)
  return UNPLAIN.test(text) ? -1 : byteLength(text)
}

/** What a delta adds to the answer; the role is no part of it. */
function spokenBytes(delta: JsonObject): number {
  let size = 0
  for (const [name, value] of Object.entries(delta)) {
    if (name === 'role') continue
    if (typeof value === 'string') size += byteLength(value)
    else if (value && typeof value === 'object') size += JSON.stringify(value).length
  }
  return size
}

/** Exact for ASCII; other characters count three bytes, as nearly all of them have. */
function byteLength(text: string): number {
  let extra = 0
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) extra += 2
  return text.length + extra
}

function brokenOff(): AppError {
  return new AppError('upstream_error', 'The AI service broke the answer off.')
}
