import type { ChatRequest } from '../../chat-request.ts'
import { isGemini, repairedTools } from '../gemini-schema.ts'

const OPENING_BRACE = 0x7b
const STREAM_OFF = new TextEncoder().encode('"stream":false,')

/**
 * The client's body as the plug-in understands it: it streams when `stream` is absent, where OpenAI's
 * default is the opposite; it knows the role `developer` as `system` only, and the length of an answer
 * as `max_tokens`. Gemini's models refuse schemas that others take. Where nothing of that has to change, the bytes pass as they came.
 */
export function explicitBody(request: ChatRequest): Uint8Array<ArrayBuffer> {
  const { bytes, fields } = request
  const inOlderWords = translated(request)
  // A later `"stream": null` would win over one put in front.
  if (inOlderWords || fields.stream === null) {
    const body = { ...(inOlderWords ?? fields), stream: fields.stream ?? false }
    return Uint8Array.from(new TextEncoder().encode(JSON.stringify(body)))
  }
  if (typeof fields.stream === 'boolean') return bytes
  const start = bytes.indexOf(OPENING_BRACE) + 1
  const spliced = new Uint8Array(bytes.byteLength + STREAM_OFF.byteLength)
  spliced.set(bytes.subarray(0, start))
  spliced.set(STREAM_OFF, start)
  spliced.set(bytes.subarray(start), start + STREAM_OFF.byteLength)
  return spliced
}

/** @returns null where the plug-in knows every word of it */
function translated({ model, fields }: ChatRequest): Record<string, unknown> | null {
  const { max_completion_tokens: longest, ...rest } = fields
  const hasDeveloper = fields.messages.some(({ role }) => role === 'developer')
  const tools = fields.tools && isGemini(model) ? repairedTools(fields.tools) : null
  if (!hasDeveloper && !tools && (longest === undefined || longest === null)) return null
  const messages = fields.messages.map((message) =>
    message.role === 'developer' ? { ...message, role: 'system' } : message,
  )
  return {
    ...rest,
    messages,
    ...(tools && { tools }),
    ...(typeof longest === 'number' && { max_tokens: longest }),
  }
}
