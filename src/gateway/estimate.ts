import type { TokenUsage } from './dialects/token-usage.ts'

/**
 * One token for four bytes of UTF-8: a quarter of a token a character for English, three quarters
 * for Chinese, which is what today's tokenizers come to on average. Used only where the AI service
 * did not say what it counted; such rows are marked `estimated`.
 */
export const BYTES_PER_TOKEN = 4

/** Tokens in text of so many bytes. */
export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN)
}

/**
 * What a call that reported nothing has used.
 *
 * @param promptTexts the texts of the request's messages; images and tools count nothing
 * @param producedBytes what the model had said when the call ended
 */
export function estimateUsage(promptTexts: readonly string[], producedBytes: number): TokenUsage {
  const encoder = new TextEncoder()
  const promptBytes = promptTexts.reduce((sum, text) => sum + encoder.encode(text).byteLength, 0)
  return {
    promptTokens: estimateTokens(promptBytes),
    completionTokens: estimateTokens(producedBytes),
  }
}

/**
 * What was counted, with estimates for the parts that were not: a prompt that was sent has tokens,
 * and so has an answer that says something.
 *
 * @returns the usage, and whether any of it is estimated
 */
export function completed(
  counted: TokenUsage,
  promptTexts: readonly string[],
  producedBytes: number,
): TokenUsage & { isEstimated: boolean } {
  const isPromptKnown = counted.promptTokens > 0
  const isAnswerKnown = counted.completionTokens > 0 || (isPromptKnown && producedBytes === 0)
  if (isPromptKnown && isAnswerKnown) return { ...counted, isEstimated: false }
  const estimate = estimateUsage(promptTexts, producedBytes)
  return {
    promptTokens: isPromptKnown ? counted.promptTokens : estimate.promptTokens,
    completionTokens: isAnswerKnown ? counted.completionTokens : estimate.completionTokens,
    isEstimated: true,
  }
}
