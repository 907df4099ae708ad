import type { AppError } from '../../errors.ts'
import type { ChatInput } from '../chat-input.ts'

/** What the adapter of a native call knows beside what every call has. */
export interface NativeInput extends ChatInput {
  contentType: string
  /** Those of the client's headers that belong to the protocol. */
  headers: Record<string, string>
  /** What says in the protocol's words that an answer has failed: a whole body, or an event of a stream. */
  refuse(error: AppError): object
}
