import type { Ctx } from '../../context.ts'
import type { AppError } from '../../errors.ts'
import type { ChatRequest } from '../chat-request.ts'
import type { TokenUsage } from './token-usage.ts'

/** Where a call goes, and as whom. */
export interface Target {
  /** @param path of the call in OpenAI's own API */
  url(path: string): string
  headers: Record<string, string>
}

export interface AnswerOptions {
  /** Unique id of the completion. */
  id: string
  /** Model that was asked for. */
  model: string
  /** Whether the client asked for the usage chunk at the end of its stream. */
  includeUsage: boolean
}

/** An answer with an error status. */
export interface Refusal {
  status: number
  headers: Headers
  text: string
  /** Model that was asked for; null where the call was not about one. */
  model: string | null
}

/** What came of translating a whole (non-streamed) completion. */
export type CompletionResult =
  | {
      type: 'completion'
      body: string
      usage: TokenUsage | null
      /** UTF-8 bytes of what the model said, for the estimate of what was not counted. */
      producedBytes: number
    }
  | { type: 'failure'; error: AppError }

/** Turns the events of one stream into OpenAI's, keeping what the books need. */
export interface StreamTranslator {
  /**
   * Takes the bytes that have come.
   *
   * @returns the text of the events to send for them; nothing once there is a `failure`
   */
  push(bytes: Uint8Array): string
  /**
   * Nothing more comes.
   *
   * @param isBroken whether the connection broke instead of ending
   * @returns the last events: usage and `[DONE]`, or nothing with a `failure`
   */
  end(isBroken?: boolean): string
  /** Something of the answer has come: from now on a failure is one of the stream, not of the request. */
  readonly hasBegun: boolean
  /** `[DONE]` has come: nothing after it counts. */
  readonly isDone: boolean
  /** The model has said its last word: what may still come is the usage and `[DONE]`. */
  readonly hasFinished: boolean
  /** Whether the usage was asked for, and so is worth waiting for. */
  readonly expectsUsage: boolean
  /** What the stream turned out to be; null while all is well. */
  readonly failure: AppError | null
  /** The failure came as an event that every client takes for one: where events pass as they are, it has been told. */
  readonly isFailureTold: boolean
  readonly usage: TokenUsage | null
  /** UTF-8 bytes of what the model has said so far, roughly: for the estimate where no usage comes. */
  readonly producedBytes: number
}

/** How one kind of server speaks: everything in which it differs from OpenAI is behind this. */
export interface Dialect {
  /** @throws {AppError} `plugin_not_configured`, `plugin_pending`, `invalid_request` for a key that it does not serve */
  target(ctx: Ctx): Promise<Target>
  /**
   * Refuses a request that the server would answer as another one.
   *
   * @throws {AppError} `invalid_request`
   */
  check?(request: ChatRequest): void
  /** Fields of a request that the server takes and does not heed; the client is told in a header. */
  unheeded?(request: ChatRequest): string[]
  /** The body that goes to the server. */
  body(ctx: Ctx, request: ChatRequest): Uint8Array<ArrayBuffer>
  /** What an answer with an error status means for our own client. */
  explain(ctx: Ctx, refusal: Refusal): Promise<AppError>
  /** Models that the caller may ask for although the server could not list them. */
  borrowedModels?(ctx: Ctx): Promise<string[] | undefined>
  completion(text: string, options: AnswerOptions): CompletionResult
  stream(ctx: Ctx, options: AnswerOptions): StreamTranslator
  /** Whether this stream's bytes may pass as they are, so that the translator only listens. */
  passesUntouched(ctx: Ctx, request: ChatRequest): boolean
}
