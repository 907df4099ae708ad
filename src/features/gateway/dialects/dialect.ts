import type { AppError } from '../../../errors.ts'

/** Tokens as the server behind us counted them. */
export interface TokenUsage {
  promptTokens: number
  completionTokens: number
}

export interface AnswerOptions {
  /** Unique id of the completion. */
  id: string
  includeUsage: boolean
}

/** What came of translating a whole (non-streamed) completion. */
export type CompletionResult =
  | { type: 'completion'; json: unknown; usage: TokenUsage | null }
  | { type: 'failure'; error: AppError }

/** Turns the events of one stream into OpenAI's, keeping what the books need. */
export interface StreamTranslator {
  /** @returns the data of the events to send for one event that came */
  event(data: string): string[]
  /** The upstream has ended. @returns the last events: usage and `[DONE]`, or an error */
  end(): string[]
  readonly usage: TokenUsage | null
  /** What the stream turned out to be; null while all is well. */
  readonly failure: AppError | null
}

/** How one kind of plug-in speaks: everything in which it differs from OpenAI is behind this. */
export interface Dialect {
  /** An answer with an error status, as our own error. */
  failure(status: number, text: string): AppError
  completion(text: string, options: AnswerOptions): CompletionResult
  stream(options: AnswerOptions): StreamTranslator
}
