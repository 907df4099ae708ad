import { toGoogleError } from '../../../error-forms.ts'
import type { AppError } from '../../../errors.ts'
import type { JsonObject } from '../../dialects/fields.ts'
import type { AnswerEvent, AnswerUsage, FinishReason } from '../answer.ts'
import type { AnswerFacts, AnswerWriter } from '../face.ts'
import { argumentsObject } from '../parts.ts'
import { toClientId } from '../tool-ids.ts'

export interface GeminiOptions {
  /** A list that grows, where the client did not ask for server-sent events. */
  isList: boolean
  showsThoughts: boolean
}

const REASONS = {
  stop: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
} as const satisfies Record<FinishReason, string>

interface OpenCall {
  id: string
  name: string
  signature: string | null
  arguments: string
}

/** Writes Google's `GenerateContentResponse`, once or bit by bit; a call of a function is said whole. */
export class GeminiWriter implements AnswerWriter {
  readonly unplaced = new Map<string, string>()
  readonly #facts: AnswerFacts
  readonly #options: GeminiOptions
  #hasStarted = false
  #call: OpenCall | null = null
  #finish: FinishReason = 'stop'
  #usage: AnswerUsage | null = null

  constructor(facts: AnswerFacts, options: GeminiOptions) {
    this.#facts = facts
    this.#options = options
  }

  write(events: readonly AnswerEvent[]): string {
    const parts = events.flatMap((event) => this.#read(event))
    return parts.length > 0 ? this.#chunk(this.#response(joined(parts))) : ''
  }

  end(): string {
    const last = this.#chunk(this.#ended(this.#closeCall()))
    return this.#options.isList ? `${last}]` : last
  }

  /** Google's own SDK knows an error only as bare JSON, others only as an event. */
  fail(error: AppError): string {
    const json = toGoogleError(error)
    if (this.#options.isList) return `${this.#chunk(json)}]`
    return `${this.#chunk(json)}${JSON.stringify(json)}`
  }

  refuse(error: AppError): string {
    return JSON.stringify(toGoogleError(error))
  }

  signOfLife(): string {
    return this.#options.isList ? '\n' : ': keep-alive\n\n'
  }

  whole(events: readonly AnswerEvent[]): string {
    const parts = events.flatMap((event) => this.#read(event))
    return JSON.stringify(this.#ended(joined([...parts, ...this.#closeCall()])))
  }

  #read(event: AnswerEvent): JsonObject[] {
    switch (event.type) {
      case 'reasoning':
        return this.#options.showsThoughts
          ? [...this.#closeCall(), { text: event.text, thought: true }]
          : this.#closeCall()
      case 'text':
        return [...this.#closeCall(), { text: event.text }]
      case 'tool_call': {
        const before = this.#closeCall()
        const { id, name, signature } = event
        this.#call = { id: toClientId(id), name, signature, arguments: '' }
        return before
      }
      case 'arguments':
        if (this.#call) this.#call.arguments += event.text
        return []
      case 'finish':
        this.#finish = event.reason
        return this.#closeCall()
      case 'usage':
        this.#usage = event.usage
        return []
    }
  }

  #closeCall(): JsonObject[] {
    const call = this.#call
    this.#call = null
    if (!call) return []
    const { id, name, signature } = call
    return [
      {
        functionCall: { id, name, args: argumentsObject(call.arguments) },
        ...(signature && { thoughtSignature: signature }),
      },
    ]
  }

  #response(parts: readonly JsonObject[], more: JsonObject = {}): JsonObject {
    return {
      candidates: [
        {
          ...(parts.length > 0 && { content: { role: 'model', parts } }),
          ...more,
          index: 0,
        },
      ],
      ...(this.#usage && { usageMetadata: usageMetadata(this.#usage) }),
      modelVersion: this.#facts.model,
      responseId: this.#facts.id,
    }
  }

  #ended(parts: readonly JsonObject[]): JsonObject {
    return this.#response(parts, { finishReason: REASONS[this.#finish] })
  }

  #chunk(json: object): string {
    const isFirst = !this.#hasStarted
    this.#hasStarted = true
    if (!this.#options.isList) return `data: ${JSON.stringify(json)}\n\n`
    return `${isFirst ? '[' : ',\r\n'}${JSON.stringify(json)}`
  }
}

/** What is said in one go is one part. */
function joined(parts: readonly JsonObject[]): JsonObject[] {
  const all: JsonObject[] = []
  for (const part of parts) {
    const last = all.at(-1)
    if (
      last &&
      typeof last.text === 'string' &&
      typeof part.text === 'string' &&
      last.thought === part.thought
    ) {
      last.text += part.text
    } else all.push({ ...part })
  }
  return all
}

function usageMetadata({
  promptTokens,
  completionTokens,
  cachedTokens,
  reasoningTokens,
}: AnswerUsage): JsonObject {
  const thoughtsTokenCount = Math.min(reasoningTokens, completionTokens)
  return {
    promptTokenCount: promptTokens,
    candidatesTokenCount: completionTokens - thoughtsTokenCount,
    totalTokenCount: promptTokens + completionTokens,
    ...(cachedTokens > 0 && { cachedContentTokenCount: cachedTokens }),
    ...(thoughtsTokenCount > 0 && { thoughtsTokenCount }),
  }
}
