import * as z from 'zod'
import { AppError } from '../../errors.ts'

/** The part of a chat request that the gateway itself looks at; every other field passes untouched. */
const Envelope = z.looseObject({
  model: z.string().min(1).max(200),
  messages: z.array(z.unknown()).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
})

export interface ChatRequest {
  model: string
  stream: boolean
  /** Whether the client asked for the usage chunk at the end of its stream. */
  includeUsage: boolean
  /** What goes to the plug-in: the client's bytes, with `stream` made explicit where it was absent. */
  body: Uint8Array<ArrayBuffer>
}

/**
 * Reads a chat request. The body is parsed once and never written anew.
 *
 * @throws {AppError} `malformed_request`, `invalid_request`
 */
export function readChatRequest(bytes: Uint8Array<ArrayBuffer>): ChatRequest {
  const parsed = Envelope.safeParse(parseJson(bytes))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const param = issue?.path.map(String).join('.') || undefined
    throw new AppError(
      'invalid_request',
      `${param ? `"${param}": ` : ''}${issue?.message ?? 'not valid'}`,
      {
        ...(param && { param }),
      },
    )
  }
  const { model, stream, stream_options } = parsed.data
  const isExplicit = typeof stream === 'boolean'
  return {
    model,
    stream: stream ?? false,
    includeUsage: stream_options?.include_usage ?? false,
    // The plug-in streams when the field is absent; OpenAI's default is the opposite.
    body: isExplicit ? bytes : withStreamOff(bytes, stream === null),
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
  } catch {
    throw new AppError(
      'malformed_request',
      "We could not parse the JSON body of your request. Send a JSON object as OpenAI's API expects it.",
    )
  }
}

const OPENING_BRACE = 0x7b
const STREAM_OFF = new TextEncoder().encode('"stream":false,')

/** Puts `"stream":false` into the object; after the last brace's position would need a parse, the first does not. */
function withStreamOff(bytes: Uint8Array<ArrayBuffer>, isNull: boolean): Uint8Array<ArrayBuffer> {
  if (isNull) {
    // A later `"stream": null` would win over one put in front: this rare body is written anew.
    const object = parseJson(bytes) as object
    return Uint8Array.from(new TextEncoder().encode(JSON.stringify({ ...object, stream: false })))
  }
  const start = bytes.indexOf(OPENING_BRACE) + 1
  const spliced = new Uint8Array(bytes.byteLength + STREAM_OFF.byteLength)
  spliced.set(bytes.subarray(0, start))
  spliced.set(STREAM_OFF, start)
  spliced.set(bytes.subarray(start), start + STREAM_OFF.byteLength)
  return spliced
}
