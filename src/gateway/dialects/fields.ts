import type { TokenUsage } from './token-usage.ts'

/** Reading JSON of unknown make by hand: cheaper than a schema where it happens for every event. */
export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A count that may have been sent as a string; undefined when it is none. */
export function countOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : undefined
}

export interface UsageFields extends JsonObject {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
}

/** OpenAI's usage object, with every number a number; null when there is none. */
export function usageOf(value: unknown): UsageFields | null {
  if (!isObject(value)) return null
  const prompt = countOf(value.prompt_tokens)
  const completion = countOf(value.completion_tokens)
  if (prompt === undefined || completion === undefined) return null
  return {
    ...value,
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: countOf(value.total_tokens) ?? prompt + completion,
  }
}

/** What the total counts beyond the two is reasoning, which some servers count apart. */
export function tokensOf(usage: UsageFields | null): TokenUsage | null {
  if (!usage) return null
  const { prompt_tokens: promptTokens, completion_tokens: completion, total_tokens: total } = usage
  const all = promptTokens > 0 ? total - promptTokens : 0
  return { promptTokens, completionTokens: Math.max(completion, all) }
}

/** The message for people in an error of OpenAI's or Google's shape, `{ "error": "text" }`, or neither. */
export function errorMessageOf(json: unknown): string | undefined {
  if (!isObject(json)) return undefined
  const { error } = json
  if (typeof error === 'string') return error
  return isObject(error) && typeof error.message === 'string' ? error.message : undefined
}

/** Longest text of the AI service that is repeated to a client. */
export const MAX_MESSAGE = 500
