import { countOf, isObject, type JsonObject } from '../dialects/fields.ts'

/** Tokens as they were counted; null: nobody said. Cached ones are part of the prompt, reasoning ones of the answer. */
export interface AnswerUsage {
  promptTokens: number
  completionTokens: number
  cachedTokens: number
  reasoningTokens: number
}

/** Why an answer ended, in the words of a chat. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

/** What a model says, bit by bit. Indexes of tool calls are those of the chat. */
export type AnswerEvent =
  | { type: 'reasoning'; text: string }
  | { type: 'text'; text: string }
  | { type: 'tool_call'; index: number; id: string; name: string; signature: string | null }
  | { type: 'arguments'; index: number; text: string }
  | { type: 'finish'; reason: FinishReason; stopSequence: string | null }
  | { type: 'usage'; usage: AnswerUsage }

/** Whether a person, or a program, can go on with it: with thoughts alone some clients ask again. */
export function saysSomething({ type }: AnswerEvent): boolean {
  return type === 'text' || type === 'tool_call'
}

/** Reads the chunks of a streamed chat, or the message of a whole one, into events. */
export class AnswerReader {
  readonly #begun = new Set<number>()

  /** @param chunk a `chat.completion.chunk` or a `chat.completion`, as a dialect leaves it */
  read(chunk: unknown): AnswerEvent[] {
    if (!isObject(chunk)) return []
    const events: AnswerEvent[] = []
    const [choice] = Array.isArray(chunk.choices) ? chunk.choices : []
    if (isObject(choice)) this.#readChoice(choice, events)
    const usage = usageIn(chunk.usage)
    if (usage) events.push({ type: 'usage', usage })
    return events
  }

  #readChoice(choice: JsonObject, events: AnswerEvent[]): void {
    const said = isObject(choice.delta) ? choice.delta : choice.message
    if (isObject(said)) {
      const reasoning = said.reasoning_content ?? said.reasoning
      if (isText(reasoning)) events.push({ type: 'reasoning', text: reasoning })
      for (const text of [said.content, said.refusal]) {
        if (isText(text)) events.push({ type: 'text', text })
      }
      for (const [at, call] of (Array.isArray(said.tool_calls) ? said.tool_calls : []).entries()) {
        if (isObject(call)) this.#readCall(call, at, events)
      }
    }
    const reason = finishOf(choice.finish_reason)
    if (!reason) return
    const { stop_reason: stop } = choice
    events.push({ type: 'finish', reason, stopSequence: isText(stop) ? stop : null })
  }

  #readCall(call: JsonObject, at: number, events: AnswerEvent[]): void {
    const index = countOf(call.index) ?? at
    const called = isObject(call.function) ? call.function : {}
    if (!this.#begun.has(index)) {
      this.#begun.add(index)
      events.push({
        type: 'tool_call',
        index,
        id: isText(call.id) ? call.id : `call_${index}`,
        name: isText(called.name) ? called.name : '',
        signature: signatureOf(call),
      })
    }
    if (isText(called.arguments)) events.push({ type: 'arguments', index, text: called.arguments })
  }
}

/** Where Google's compatible endpoint, and the plug-in, put a thought's signature. */
export function signatureOf(call: JsonObject): string | null {
  const google = isObject(call.extra_content) ? call.extra_content.google : null
  const signature = isObject(google) ? google.thought_signature : null
  return isText(signature) ? signature : null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

const REASONS: Record<string, FinishReason> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
}

function finishOf(value: unknown): FinishReason | null {
  return isText(value) ? (REASONS[value] ?? 'stop') : null
}

function usageIn(value: unknown): AnswerUsage | null {
  if (!isObject(value)) return null
  const promptTokens = countOf(value.prompt_tokens)
  const completionTokens = countOf(value.completion_tokens)
  if (promptTokens === undefined || completionTokens === undefined) return null
  const ofPrompt = isObject(value.prompt_tokens_details) ? value.prompt_tokens_details : {}
  const ofAnswer = isObject(value.completion_tokens_details) ? value.completion_tokens_details : {}
  const cached = countOf(ofPrompt.cached_tokens) ?? countOf(value.prompt_cache_hit_tokens) ?? 0
  return {
    promptTokens,
    completionTokens,
    cachedTokens: Math.min(cached, promptTokens),
    reasoningTokens: countOf(ofAnswer.reasoning_tokens) ?? 0,
  }
}
