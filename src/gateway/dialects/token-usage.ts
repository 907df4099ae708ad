/** Tokens as the server behind us counted them; 0 is what it did not count. */
export interface TokenUsage {
  promptTokens: number
  completionTokens: number
}
