import * as z from 'zod'
import { AppError } from '../errors.ts'
import { isObject } from './dialects/fields.ts'
import type { AnswerWriter } from './faces/face.ts'
import { requireOneReading } from './one-reading.ts'

const ContentPart = z.looseObject({ type: z.string() })
const Message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(ContentPart)]).nullish(),
  tool_calls: z.array(z.looseObject({})).nullish(),
})
const number = z.number().nullish()
/** What OpenAI takes: by it the share of a call is reserved, so it must not be made up. */
const limit = z.int().min(1).nullish()

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
  max_tokens: limit,
  max_completion_tokens: limit,
  n: limit,
  tools: z
    .array(
      z.looseObject({ type: z.string(), function: z.looseObject({ name: z.string() }).optional() }),
    )
    .nullish(),
})

export type Fields = z.output<typeof Fields>

const NUMBERS = ['temperature', 'top_p', 'top_k'] as const
const LIMITS = ['max_tokens', 'max_completion_tokens', 'n'] as const

export interface ChatRequest {
  model: string
  stream: boolean
  /** Whether the client asked for the usage chunk at the end of its stream. */
  includeUsage: boolean
  /** The body as it came. */
  bytes: Uint8Array<ArrayBuffer>
  /** The body as it was read. */
  fields: Fields
  /** Writes the answer where the client speaks another protocol. */
  writer?: AnswerWriter
  /** Media type of such a streamed answer. */
  streamType?: string
}

/**
 * Reads a chat request. The body is parsed once, and passes on as the bytes that came.
 *
 * @throws {AppError} `malformed_request`, `invalid_request`
 */
export function readChatRequest(bytes: Uint8Array<ArrayBuffer>): ChatRequest {
  const text = textOf(bytes)
  const fields = fieldsOf(parseJson(text))
  requireOneReading(text)
  const { model, stream, stream_options } = fields
  return {
    model,
    stream: stream ?? false,
    includeUsage: stream_options?.include_usage ?? false,
    bytes,
    fields,
  }
}

/** What nearly every request is needs no schema to be told; whatever is not that plain is read by the schema. */
function fieldsOf(json: unknown): Fields {
  if (isPlain(json)) return json
  const parsed = Fields.safeParse(json)
  if (parsed.success) return parsed.data
  throw notValid(parsed.error)
}

/** True only for what `Fields` takes as it is. */
export function isPlain(json: unknown): json is Fields {
  if (!isObject(json)) return false
  const { model, messages, stream, stream_options: options } = json
  return (
    typeof model === 'string' &&
    model.length > 0 &&
    model.length <= 200 &&
    Array.isArray(messages) &&
    messages.length > 0 &&
    messages.every(isPlainMessage) &&
    (stream === undefined || typeof stream === 'boolean') &&
    (options === undefined || hasPlainOptions(options)) &&
    NUMBERS.every((name) => json[name] === undefined || Number.isFinite(json[name])) &&
    LIMITS.every((name) => json[name] === undefined || isLimit(json[name])) &&
    json.tools === undefined
  )
}

const isLimit = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1

function isPlainMessage(message: unknown): boolean {
  return (
    isObject(message) &&
    typeof message.role === 'string' &&
    typeof message.content === 'string' &&
    message.tool_calls === undefined
  )
}

function hasPlainOptions(options: unknown): boolean {
  if (!isObject(options)) return false
  const { include_usage: usage } = options
  return usage === undefined || typeof usage === 'boolean'
}

/** The texts that a model would read; images and tools are not among them. */
export function promptTexts({ messages }: Pick<Fields, 'messages'>): string[] {
  const texts: string[] = []
  for (const { content } of messages) {
    if (typeof content === 'string') texts.push(content)
    for (const part of Array.isArray(content) ? content : []) {
      if (typeof part.text === 'string') texts.push(part.text)
    }
  }
  return texts
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

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformed()
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed()
  }
}

function malformed(): AppError {
  return new AppError(
    'malformed_request',
    "We could not parse the JSON body of your request. Send a JSON object as OpenAI's API expects it.",
  )
}
