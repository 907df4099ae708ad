import type { ChatRequest } from '../../chat-request.ts'

const OPENING_BRACE = 0x7b
const STREAM_OFF = new TextEncoder().encode('"stream":false,')

/**
 * The client's bytes with `stream` made explicit: the plug-in streams when the field is absent,
 * OpenAI's default is the opposite.
 */
export function explicitBody({ bytes, fields }: ChatRequest): Uint8Array<ArrayBuffer> {
  if (typeof fields.stream === 'boolean') return bytes
  if (fields.stream === null) {
    // A later `"stream": null` would win over one put in front: this rare body is written anew.
    return Uint8Array.from(new TextEncoder().encode(JSON.stringify({ ...fields, stream: false })))
  }
  const start = bytes.indexOf(OPENING_BRACE) + 1
  const spliced = new Uint8Array(bytes.byteLength + STREAM_OFF.byteLength)
  spliced.set(bytes.subarray(0, start))
  spliced.set(STREAM_OFF, start)
  spliced.set(bytes.subarray(start), start + STREAM_OFF.byteLength)
  return spliced
}
