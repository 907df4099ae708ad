import * as z from 'zod'
import { AppError } from '../../../errors.ts'
import type {
  AnswerOptions,
  CompletionResult,
  Dialect,
  StreamTranslator,
  TokenUsage,
} from './dialect.ts'

/**
 * The account-keeping plug-in. It leaves out the role delta and the index of tool calls, puts the
 * usage into the finish chunk, numbers answers by the millisecond, and reports failures as content.
 */
export const antigravity: Dialect = {
  failure,
  completion: translateCompletion,
  stream: (options) => new Translator(options),
}

const count = z.coerce.number().int().nonnegative()
const Usage = z.looseObject({ prompt_tokens: count, completion_tokens: count })
const ToolCall = z.looseObject({ index: z.int().optional(), id: z.string().nullish() })
const Delta = z.looseObject({
  role: z.string().optional(),
  content: z.string().nullish(),
  tool_calls: z.array(ToolCall).nullish(),
})
const Chunk = z.looseObject({
  choices: z.array(z.looseObject({ delta: Delta, finish_reason: z.string().nullish() })),
  usage: Usage.nullish(),
})
const Completion = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({
          content: z.string().nullish(),
          tool_calls: z.array(ToolCall).nullish(),
        }),
      }),
    )
    .min(1),
  usage: Usage.nullish(),
})
const Refusal = z.object({ error: z.string() })
const NestedRefusal = z.object({ error: z.object({ message: z.string() }) })

const EXHAUSTED = 'RESOURCE_EXHAUSTED'
const IN_BAND_ERROR = '\n\n错误: '

function exhausted(): AppError {
  return new AppError(
    'insufficient_quota',
    'The AI accounts that serve this model are exhausted. Try again later.',
    {
      retryAfterSeconds: 60,
    },
  )
}

/** The plug-in's text for a failure, as far as it is a message for a person. */
function readable(text: string): string | undefined {
  const parsed = z
    .union([
      Refusal.transform((body) => body.error),
      NestedRefusal.transform((body) => body.error.message),
    ])
    .safeParse(parse(text))
  if (!parsed.success) return undefined
  const inner = NestedRefusal.safeParse(parse(parsed.data))
  return (inner.success ? inner.data.error.message : parsed.data).slice(0, 500)
}

function failure(status: number, text: string): AppError {
  const message = readable(text)
  if (message?.includes(EXHAUSTED)) return exhausted()
  if (message?.includes('ILLEGAL_PROMPT')) {
    return new AppError('content_refused', 'The model refused this content.')
  }
  if (status === 400 && message) return new AppError('invalid_request', message)
  if (status === 413)
    return new AppError('payload_too_large', 'The request is too large for the AI service.')
  return new AppError(
    'upstream_error',
    `The AI service failed (status ${status}). Try again in a moment.`,
  )
}

function translateCompletion(text: string, { id }: AnswerOptions): CompletionResult {
  const parsed = Completion.safeParse(parse(text))
  if (!parsed.success) {
    return {
      type: 'failure',
      error: new AppError(
        'upstream_error',
        'The AI service sent an answer that is not a completion.',
      ),
    }
  }
  const { usage, choices } = parsed.data
  if (choices[0]?.message.content === EXHAUSTED) return { type: 'failure', error: exhausted() }
  for (const { message } of choices) completeToolCalls(message.tool_calls, id)
  return { type: 'completion', json: { ...parsed.data, id }, usage: toTokens(usage) }
}

class Translator implements StreamTranslator {
  usage: TokenUsage | null = null
  failure: AppError | null = null
  readonly #options: AnswerOptions
  #hasRole = false
  #toolCalls = 0
  #hasFinished = false
  #usageChunk: string | null = null
  /** Content that may be a failure in disguise; only the chunk after it tells. */
  #held: { text: string; event: string } | null = null

  constructor(options: AnswerOptions) {
    this.#options = options
  }

  event(data: string): string[] {
    if (this.failure) return []
    const chunk = Chunk.safeParse(parse(data)).data
    const choice = chunk?.choices[0]
    if (!chunk || !choice) return []

    const held = this.#held
    this.#held = null
    // A successful stream always carries usage; a finish without it closes an error told as content.
    if (held && choice.finish_reason && !chunk.usage) {
      this.failure = inBandFailure(held.text)
      return []
    }
    const events = held ? [held.event] : []
    const event = this.#translate(chunk, choice)
    if (choice.delta.content?.startsWith(IN_BAND_ERROR)) {
      this.#held = { text: choice.delta.content, event }
      return events
    }
    return [...events, event]
  }

  end(): string[] {
    if (this.failure) return []
    if (this.#held) this.failure = inBandFailure(this.#held.text)
    else if (!this.#hasFinished || !this.usage) {
      this.failure = new AppError('upstream_error', 'The AI service broke the answer off.')
    }
    if (this.failure) return []
    return this.#usageChunk ? [this.#usageChunk, '[DONE]'] : ['[DONE]']
  }

  #translate(
    chunk: z.output<typeof Chunk>,
    choice: z.output<typeof Chunk>['choices'][number],
  ): string {
    const { id, includeUsage } = this.#options
    if (!this.#hasRole) {
      this.#hasRole = true
      choice.delta = {
        role: 'assistant',
        content: choice.delta.tool_calls ? null : '',
        ...choice.delta,
      }
    }
    for (const call of choice.delta.tool_calls ?? []) {
      call.index ??= this.#toolCalls++
      call.id ??= toolCallId(id, call.index)
    }
    const { usage, ...rest } = chunk
    if (choice.finish_reason) {
      this.#hasFinished = true
      this.usage = toTokens(usage)
      if (usage && includeUsage)
        this.#usageChunk = JSON.stringify({ ...rest, id, choices: [], usage })
    }
    // With the option set, OpenAI sends `usage: null` in every chunk but the last.
    return JSON.stringify({ ...rest, id, ...(includeUsage && { usage: null }) })
  }
}

function inBandFailure(text: string): AppError {
  const known = [EXHAUSTED, 'ILLEGAL_PROMPT'].find((word) => text.includes(word))
  return failure(502, JSON.stringify({ error: known ?? '' }))
}

const toolCallId = (id: string, index: number) => `call_${id.slice(-12)}_${index}`

function completeToolCalls(
  calls: z.output<typeof ToolCall>[] | null | undefined,
  id: string,
): void {
  calls?.forEach((call, index) => {
    call.id ??= toolCallId(id, index)
  })
}

function toTokens(usage: z.output<typeof Usage> | null | undefined): TokenUsage | null {
  return usage
    ? { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens }
    : null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
