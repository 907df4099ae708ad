import { countOf, isObject, type JsonObject } from '../fields.ts'
import type { TokenUsage } from '../token-usage.ts'

/**
 * Gathers what a server counted from wherever servers put it: `usage`, `x_groq.usage`, or a choice or its message;
 * as `prompt_tokens`, `input_tokens` or `promptTokenCount`; all at once or a bit at a time. A later figure replaces an
 * earlier one, but nothing never replaces something.
 */
export class UsageReader {
  #prompt = 0
  #completion = 0
  #total = 0
  #reasoning = 0

  /** @returns whether there was any usage in it */
  read(answer: JsonObject): boolean {
    const choices = Array.isArray(answer.choices) ? answer.choices : []
    const places = [answer, answer.x_groq, ...choices].filter(isObject)
    for (const { message } of choices.filter(isObject)) if (isObject(message)) places.push(message)
    const found = places.map((place) => place.usage ?? place.usageMetadata).filter(isObject)
    for (const usage of found) this.#take(isObject(usage.tokens) ? usage.tokens : usage)
    return found.length > 0
  }

  /**
   * What the server has counted; 0 stands for a part that it did not. Null where it counted nothing.
   * What it bills beyond prompt and completion is reasoning, which some servers count apart.
   */
  get usage(): TokenUsage | null {
    const { prompt, completion } = this.#parts()
    return prompt + completion > 0 ? { promptTokens: prompt, completionTokens: completion } : null
  }

  #parts(): { prompt: number; completion: number } {
    // Without a total, thinking that is longer than the whole answer cannot be a part of it.
    const isApart = this.#total === 0 && this.#reasoning > this.#completion
    const completion = this.#completion + (isApart ? this.#reasoning : 0)
    const rest = Math.max(0, this.#total - this.#prompt - completion)
    if (this.#prompt > 0) return { prompt: this.#prompt, completion: completion + rest }
    return completion > 0 ? { prompt: rest, completion } : { prompt: 0, completion: 0 }
  }

  #take(usage: JsonObject): void {
    const details = usage.completion_tokens_details ?? usage.output_tokens_details
    const prompt = plausible(usage.prompt_tokens, usage.promptTokenCount) ?? inputOf(usage)
    const completion = [usage.completion_tokens, usage.output_tokens, usage.candidatesTokenCount]
    this.#prompt = prompt ?? this.#prompt
    this.#completion = plausible(...completion) ?? this.#completion
    this.#total = plausible(usage.total_tokens, usage.totalTokenCount) ?? this.#total
    if (isObject(details)) this.#reasoning = plausible(details.reasoning_tokens) ?? this.#reasoning
  }
}

/** Anthropic counts what was cached apart from the rest of the prompt. */
function inputOf(usage: JsonObject): number | undefined {
  const { input_tokens: input, cache_creation_input_tokens: made } = usage
  const parts = [input, made, usage.cache_read_input_tokens].map((part) => plausible(part) ?? 0)
  return plausible(parts.reduce((sum, part) => sum + part, 0))
}

/** More than any model reads or says in one call. */
const MAX_TOKENS = 20_000_000

/** The first count that is more than nothing: a prompt that was sent has tokens. */
function plausible(...values: unknown[]): number | undefined {
  for (const value of values) {
    const count = countOf(value)
    if (count !== undefined && count > 0 && count <= MAX_TOKENS) return count
  }
  return undefined
}
