import * as z from 'zod'
import { AppError } from '../../errors.ts'

const ContentPart = z.looseObject({ type: z.string() })
const Message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(ContentPart)]).nullish(),
  tool_calls: z.array(z.looseObject({})).nullish(),
})
const number = z.number().nullish()

/**
 * What a server behind us would stumble over, since it may hardly check anything itself; every
 * field that is not named here passes untouched.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
const Fields = z.looseObject({
  model: z.string().min(1).max(200),
  messages: z.array(Message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: number,
  top_p: number,
  top_k: number,
  max_tokens: number,
  max_completion_tokens: number,
  tools: z
    .array(
      z.looseObject({ type: z.string(), function: z.looseObject({ name: z.string() }).optional() }),
    )
    .nullish(),
})

export interface ChatRequest {
  model: string
  stream: boolean
  /** Whether the client asked for the usage chunk at the end of its stream. */
  includeUsage: boolean
  /** The body as it came. */
  bytes: Uint8Array<ArrayBuffer>
  /** The body as it was read. */
  fields: z.output<typeof Fields>
}

/**
 * Reads a chat request. The body is parsed once, and passes on as the bytes that came.
 *
 * @throws {AppError} `malformed_request`, `invalid_request`
 */
export function readChatRequest(bytes: Uint8Array<ArrayBuffer>): ChatRequest {
  const parsed = Fields.safeParse(parseJson(bytes))
  if (!parsed.success) throw notValid(parsed.error)
  const { model, stream, stream_options } = parsed.data
  return {
    model,
    stream: stream ?? false,
    includeUsage: stream_options?.include_usage ?? false,
    bytes,
    fields: parsed.data,
  }
}

/** The texts that a model would read; images and tools are not among them. */
export function promptTexts({ fields }: ChatRequest): string[] {
  return fields.messages.flatMap(({ content }) =>
    Array.isArray(content)
      ? content.flatMap((part) => (typeof part.text === 'string' ? [part.text] : []))
      : (content ?? []),
  )
}

function notValid({ issues }: z.ZodError): AppError {
  const [issue] = issues
  const param = issue?.path.map(String).join('.') || undefined
  return new AppError(
    'invalid_request',
    `${param ? `"${param}": ` : ''}${issue?.message ?? 'not valid'}`,
    { ...(param && { param }) },
  )
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
