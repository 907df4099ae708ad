import type { AppError } from '../../../errors.ts'
import { parseJson } from '../../../platform/json.ts'
import { DONE, SseReader, sseEvent } from '../../streams/sse.ts'
import type { AnswerOptions, StreamTranslator } from '../dialect.ts'
import {
  errorMessageOf,
  isObject,
  type JsonObject,
  tokensOf,
  type UsageFields,
  usageOf,
} from '../fields.ts'
import type { TokenUsage } from '../token-usage.ts'
import { brokenOff, failureIn, upstreamFailed } from './failures.ts'
import { createdOf, finishReasonOf, ToolCallCounter } from './normal-form.ts'

/** How an error told as content begins. */
const IN_BAND_ERROR = '\n\n错误: '
/** The same inside the JSON of an event. */
const IN_BAND_ERROR_JSON = JSON.stringify(IN_BAND_ERROR).slice(0, -1)
const PLAIN_START = '{"id":"'
const PLAIN_END = '"},"finish_reason":null}]}'
const DELTA = '"delta":{"'

/**
 * Turns the plug-in's stream into OpenAI's. Nearly all events are plain text: of those only the id
 * is exchanged, by cutting the text; an event is parsed only where something else in it may need a
 * change. Strings inside JSON cannot be mistaken for keys here, since their quotes are escaped.
 */
export class AntigravityStream implements StreamTranslator {
  hasBegun = false
  isDone = false
  hasFinished = false
  readonly expectsUsage = true
  failure: AppError | null = null
  usage: TokenUsage | null = null
  readonly isFailureTold = false
  readonly #options: AnswerOptions
  readonly #sse = new SseReader()
  readonly #toolCalls: ToolCallCounter
  #hasRole = false
  /** Whether this plug-in writes its events such that plain ones can be told by their ends. */
  #hasPlainForm = false
  #usageEvent = ''
  /** Content that may be a failure in disguise; only the chunk after it tells. */
  #held: { text: string; event: string } | null = null
  #bytes = 0
  #frameBytes = 0

  constructor(options: AnswerOptions) {
    this.#options = options
    this.#toolCalls = new ToolCallCounter(options.id)
  }

  get producedBytes(): number {
    return Math.max(0, this.#bytes - this.#frameBytes)
  }

  push(bytes: Uint8Array): string {
    this.#bytes += bytes.byteLength
    try {
      return this.#translate(this.#sse.push(bytes))
    } catch {
      this.failure = brokenOff()
      return ''
    }
  }

  end(): string {
    const events = this.isDone ? '' : this.#translate(this.#sse.end())
    if (this.failure) return events
    if (this.#held) this.failure = inBandFailure(this.#held.text)
    // A successful stream carries usage, and the one without has hidden a failure.
    else if (!this.hasFinished || !this.usage) this.failure = brokenOff()
    return this.failure ? events : events + this.#usageEvent + sseEvent(DONE)
  }

  #translate(events: string[]): string {
    let out = ''
    for (const data of events) {
      if (this.failure || this.isDone) return out
      if (data === DONE) this.isDone = true
      else if (this.#isPlain(data)) out += this.#cutPlain(data)
      else out += this.#rewrite(data)
    }
    return out
  }

  #isPlain(data: string): boolean {
    return (
      this.#hasPlainForm &&
      this.#held === null &&
      data.endsWith(PLAIN_END) &&
      data.startsWith(PLAIN_START) &&
      !data.includes('"tool_calls":') &&
      !data.includes(IN_BAND_ERROR_JSON)
    )
  }

  #cutPlain(data: string): string {
    const { id, includeUsage } = this.#options
    const rest = data.slice(data.indexOf('"', PLAIN_START.length))
    this.#frameBytes += data.indexOf(DELTA) + DELTA.length + PLAIN_END.length + 17
    // With the option set, OpenAI sends `usage: null` in every chunk but the last.
    return includeUsage
      ? `data: ${PLAIN_START}${id}${rest.slice(0, -1)},"usage":null}\n\n`
      : `data: ${PLAIN_START}${id}${rest}\n\n`
  }

  #rewrite(data: string): string {
    const chunk = parseJson(data)
    if (!isObject(chunk)) return this.#fail(brokenOff())
    if (chunk.error !== undefined) {
      const said = errorMessageOf(chunk) ?? ''
      return this.#fail(failureIn(said) ?? failureIn(data) ?? upstreamFailed())
    }
    const choices = Array.isArray(chunk.choices) ? chunk.choices.filter(isObject) : []
    const [choice] = choices
    const usage = usageOf(chunk.usage)
    if (!choice) {
      this.usage ??= tokensOf(usage)
      return ''
    }
    const delta = isObject(choice.delta) ? choice.delta : {}
    const finishReason = finishReasonOf(choice.finish_reason)

    let out = ''
    if (this.#held) {
      if (finishReason && !usage) return this.#fail(inBandFailure(this.#held.text))
      out = this.#held.event
      this.#held = null
    }
    const isError = typeof delta.content === 'string' && delta.content.startsWith(IN_BAND_ERROR)
    this.#frameBytes += data.length - sizeOf(delta)
    if (finishReason) this.#finish(chunk, usage)
    if (isError) {
      this.#held = { text: delta.content as string, event: this.#eventOf(chunk, choices) }
      return out
    }
    const event = this.#eventOf(chunk, choices)
    this.hasBegun = true
    this.#hasPlainForm ||= !finishReason && hasPlainForm(data, chunk)
    return out + event
  }

  #finish(chunk: JsonObject, usage: UsageFields | null): void {
    this.hasFinished = true
    this.usage = tokensOf(usage)
    if (!usage || !this.#options.includeUsage) return
    this.#usageEvent = sseEvent(JSON.stringify({ ...this.#envelope(chunk), choices: [], usage }))
  }

  #envelope(chunk: JsonObject): JsonObject {
    const { usage: _, ...rest } = chunk
    return {
      ...rest,
      id: this.#options.id,
      object: 'chat.completion.chunk',
      created: createdOf(chunk.created),
      model: typeof chunk.model === 'string' ? chunk.model : this.#options.model,
    }
  }

  #eventOf(chunk: JsonObject, choices: JsonObject[]): string {
    const isFirst = !this.#hasRole
    this.#hasRole = true
    return sseEvent(
      JSON.stringify({
        ...this.#envelope(chunk),
        choices: choices.map((choice, index) => {
          const delta = isObject(choice.delta) ? choice.delta : {}
          const calls = this.#toolCalls.complete(delta.tool_calls)
          return {
            ...choice,
            index,
            delta: {
              ...(isFirst && { role: 'assistant', content: calls ? null : '' }),
              ...delta,
              ...(calls && { tool_calls: calls }),
            },
            finish_reason: finishReasonOf(choice.finish_reason),
          }
        }),
        ...(this.#options.includeUsage && { usage: null }),
      }),
    )
  }

  #fail(failure: AppError): string {
    this.failure = failure
    return ''
  }
}

/** Whether an event is written as `#isPlain` and `#cutPlain` expect: compact, id first, numbers as numbers. */
function hasPlainForm(data: string, chunk: JsonObject): boolean {
  return (
    data.startsWith(PLAIN_START) &&
    data.endsWith(PLAIN_END) &&
    data.includes(DELTA) &&
    chunk.object === 'chat.completion.chunk' &&
    Number.isInteger(chunk.created) &&
    typeof chunk.model === 'string' &&
    Array.isArray(chunk.choices) &&
    chunk.choices.length === 1 &&
    isObject(chunk.choices[0]) &&
    chunk.choices[0].index === 0
  )
}

/** Characters of what the model says in a delta. */
function sizeOf(delta: JsonObject): number {
  let size = 0
  for (const value of [delta.content, delta.reasoning_content]) {
    if (typeof value === 'string') size += value.length
  }
  return size + (Array.isArray(delta.tool_calls) ? JSON.stringify(delta.tool_calls).length : 0)
}

function inBandFailure(text: string): AppError {
  return failureIn(text.slice(IN_BAND_ERROR.length)) ?? upstreamFailed()
}
