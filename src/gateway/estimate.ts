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
