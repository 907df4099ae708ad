import { countOf, isObject, type JsonObject } from '../fields.ts'
import type { TokenUsage } from '../token-usage.ts'

/**
 * Gathers what a server counted from wherever servers put it: `usage`, `x_groq.usage`, or a choice;
 * as `prompt_tokens` or `input_tokens`; all at once or a bit at a time. A later figure replaces an
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
    const places = [answer.usage, isObject(answer.x_groq) ? answer.x_groq.usage : undefined]
    for (const choice of choices) if (isObject(choice)) places.push(choice.usage)
    const found = places.filter(isObject)
    for (const usage of found) this.#take(usage)
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
    this.#prompt = plausible(usage.prompt_tokens, usage.input_tokens) ?? this.#prompt
    this.#completion = plausible(usage.completion_tokens, usage.output_tokens) ?? this.#completion
    this.#total = plausible(usage.total_tokens) ?? this.#total
    if (isObject(details)) this.#reasoning = plausible(details.reasoning_tokens) ?? this.#reasoning
  }
}

/** The first count that is more than nothing: a prompt that was sent has tokens. */
function plausible(...values: unknown[]): number | undefined {
  for (const value of values) {
    const count = countOf(value)
    if (count !== undefined && count > 0) return count
  }
  return undefined
}
