import { countOf, isObject, type JsonObject } from '../dialects/fields.ts'
import type { TokenUsage } from '../dialects/token-usage.ts'

/**
 * Tokens of a response or a message, whole or in one of the events of its stream: they stand in the
 * answer, in the `response` or the `message` of an event, or in the event. Anthropic counts what was
 * cached apart from the rest of the prompt.
 */
export function spokenTokens(answer: JsonObject): TokenUsage | null {
  const places = [answer, answer.response, answer.message].filter(isObject)
  const usage = places.map((place) => place.usage).find(isObject)
  if (!usage) return null
  const count = (name: string) => countOf(usage[name]) ?? 0
  const promptTokens =
    count('input_tokens') + count('cache_creation_input_tokens') + count('cache_read_input_tokens')
  const completionTokens = count('output_tokens')
  return promptTokens + completionTokens > 0 ? { promptTokens, completionTokens } : null
}

/** Tokens of what is only read: OpenAI's count, Jina's and vLLM's total, Cohere's in `meta`. */
export function tokensIn({ usage, meta }: JsonObject): TokenUsage | null {
  const cohere = isObject(meta) && isObject(meta.tokens) ? meta.tokens.input_tokens : undefined
  const counted = isObject(usage) ? (usage.prompt_tokens ?? usage.total_tokens) : cohere
  const promptTokens = countOf(counted) ?? 0
  return promptTokens > 0 ? { promptTokens, completionTokens: 0 } : null
}

/** What of two counts of one call is known: later ones replace earlier ones, and nothing replaces something. */
export function joined(earlier: TokenUsage | null, later: TokenUsage | null): TokenUsage | null {
  if (!earlier || !later) return later ?? earlier
  return {
    promptTokens: later.promptTokens || earlier.promptTokens,
    completionTokens: later.completionTokens || earlier.completionTokens,
  }
}
