import type { AppError } from '../../../errors.ts'
import type { AnswerUsage } from '../answer.ts'

/** All of it or nothing: a client reads no half of it. */
export function usageFields(usage: AnswerUsage | null): object | null {
  if (!usage) return null
  const { promptTokens, completionTokens, cachedTokens, reasoningTokens } = usage
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: promptTokens + completionTokens,
  }
}

/** Names that Codex knows what to do about: to stop, to wait, or to try again. */
export function failureCode(error: AppError): string {
  switch (error.code) {
    case 'insufficient_quota':
      return 'insufficient_quota'
    case 'rate_limited':
      return 'rate_limit_exceeded'
    case 'invalid_request':
    case 'content_refused':
    case 'model_not_found':
    case 'payload_too_large':
      return error.openaiCode === 'context_length_exceeded'
        ? 'context_length_exceeded'
        : 'invalid_prompt'
    default:
      return 'server_error'
  }
}
