import type { CallRecord } from './call-record.ts'

/** Path of the call, ours and the server's behind us. */
export const CHAT_PATH = '/v1/chat/completions'

/** What the chat gets from its adapter. */
export interface ChatInput {
  /** Decoded. */
  readBody(): Promise<Uint8Array<ArrayBuffer>>
  /** What fires when the client goes away, as far as the platform notices; asking for it is not free. */
  clientSignal(): AbortSignal
}

/** Unique, unlike the plug-in's own. */
export function completionId(call: CallRecord): string {
  return `chatcmpl-${call.id.replaceAll('-', '')}`
}
