/** Tokens as the server behind us counted them. */
export interface TokenUsage {
  promptTokens: number
  completionTokens: number
}
