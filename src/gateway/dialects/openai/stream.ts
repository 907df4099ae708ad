import { AppError } from '../../../errors.ts'
import { parseJson } from '../../../platform/json.ts'
import { withoutMember } from '../../../platform/json-members.ts'
import { DONE, SseReader, sseEvent } from '../../streams/sse.ts'
import type { StreamTranslator } from '../dialect.ts'
import { isObject, type JsonObject } from '../fields.ts'
import type { TokenUsage } from '../token-usage.ts'
import { byteLength, Choices, hasFailed, spokenBytes } from './choices.ts'
import { explainEvent, isError } from './refusal.ts'
import { UsageReader } from './usage.ts'

/**
 * Listens to a stream that is OpenAI's already. Its events leave as they came; usage that the client
 * did not ask for is kept back.
 */
export class OpenAIStream implements StreamTranslator {
  hasBegun = false
  isDone = false
  failure: AppError | null = null
  isFailureTold = false
  producedBytes = 0
  readonly expectsUsage: boolean
  readonly #isUsageHidden: boolean
  readonly #sse = new SseReader()
  readonly #usage = new UsageReader()
  readonly #choices = new Choices()
  /** How the last event looked that only added to the text: the next one probably looks the same. */
  #mould: Mould | null = null

  /** @param usage whether the client asked for it, we did without its knowing, or nobody */
  constructor(usage: 'asked' | 'hidden' | 'none') {
    this.expectsUsage = usage !== 'none'
    this.#isUsageHidden = usage === 'hidden'
  }

  get usage(): TokenUsage | null {
    return this.#usage.usage
  }

  get hasFinished(): boolean {
    return this.#choices.haveEnded
  }

  push(bytes: Uint8Array): string {
    try {
      return this.#listen(this.#sse.push(bytes))
    } catch {
      this.failure = brokenOff()
      return ''
    }
  }

  end(isBroken = false): string {
    // Half an event is none.
    const rest = this.#sse.end().filter((data) => data === DONE || parseJson(data) !== undefined)
    const out = this.#listen(rest)
    // Half an answer is none: each choice has to be finished, and the stream ended by the server.
    const isWhole = this.#choices.areWhole && (this.isDone || !isBroken)
    if (!this.failure && !isWhole) this.failure = brokenOff()
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
    const choices = Array.isArray(chunk.choices) ? chunk.choices.filter(isObject) : []
    const failed = choices.find(hasFailed)
    if (isError(chunk) || failed) {
      this.failure = explainEvent(failed && !isError(chunk) ? failed : chunk)
      this.isFailureTold = isObject(chunk.error) && chunk.object !== 'error'
      return ''
    }
    this.hasBegun ||= choices.length > 0
    const hasUsage = this.#usage.read(chunk)
    for (const choice of choices) {
      const said = spokenBytes(choice.delta)
      this.producedBytes += said
      this.#choices.read(choice, said > 0)
    }
    if (!this.#isUsageHidden) {
      this.#mould = hasUsage || this.#choices.areWhole ? null : mouldOf(data)
      return sseEvent(data)
    }
    if (choices.length === 0) return ''
    return sseEvent('usage' in chunk ? withoutMember(data, 'usage') : data)
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

function brokenOff(): AppError {
  return new AppError('upstream_error', 'The AI service broke the answer off.')
}
