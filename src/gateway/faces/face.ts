import type { AppError } from '../../errors.ts'
import type { JsonObject } from '../dialects/fields.ts'
import type { AnswerEvent } from './answer.ts'

/** What a face's writer knows of the call that it answers. */
export interface AnswerFacts {
  /** The call's id: hexadecimal, unique. */
  id: string
  /** As the client named it. */
  model: string
  /** Milliseconds since the epoch. */
  createdAt: number
  requestId: string
  /** Estimated; the true number comes with the answer. */
  promptTokens: number
}

/**
 * Writes one answer in a face's own words; it is used once. A stream is `write`…, `end` or `fail`; a
 * whole answer is `whole`.
 */
export interface AnswerWriter {
  write(events: readonly AnswerEvent[]): string
  /** The answer has ended well. */
  end(): string
  /** The answer has failed after its first byte: what says so, and ends the stream. */
  fail(error: AppError): string
  /** The whole body that says that the answer has failed. */
  refuse(error: AppError): string
  /** What shows a client that waits that the stream is alive; between events. */
  signOfLife(): string
  whole(events: readonly AnswerEvent[]): string
  /** Signatures of thoughts, by the client's ids of their calls, that had no place in the answer. */
  readonly unplaced: ReadonlyMap<string, string>
}

/** A request that a face has read. */
export interface FaceRequest {
  /** The common form: the fields of a chat request, without `stream`. */
  chat: JsonObject
  stream: boolean
  /** Media type of a streamed answer. */
  streamType: string
  writer(facts: AnswerFacts): AnswerWriter
}

/** Reads a face's request. @throws {AppError} `invalid_request` for what no model could be asked */
export type ReadRequest = (json: JsonObject) => FaceRequest

export const EVENT_STREAM = 'text/event-stream; charset=utf-8'
