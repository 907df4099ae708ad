import { isRecord, type JsonObject, text } from './json.ts'
import { isImageModel, isThinking } from './models.ts'
import { Refusal } from './refusal.ts'

const IMAGE_LIMIT_BYTES = 5 * 1024 * 1024

/** What the service makes of the body of `POST /v1/chat/completions`. */
export interface ChatRequest {
  model: string
  /** The service's default is true, unlike everybody else's. */
  stream: boolean
  messages: JsonObject[]
  tools: Tool[]
  /** The whole body, for forwarding. */
  body: JsonObject
  /** The text of the last user message. */
  lastUserText: string
  /** The result of a tool call, when that is what the conversation ends with. */
  toolResult: string | undefined
  thinking: boolean
  /** An input image is over the limit. */
  imageTooLarge: boolean
}

/** A function that the model may call. */
export interface Tool {
  name: string
  parameters: JsonObject
}

/** Reads the body as the real service does: hardly validating, and failing late with 500. */
export function readChatRequest(body: unknown): ChatRequest {
  const fields = isRecord(body) ? body : {}
  const { messages, model } = fields
  if (!messages) throw new Refusal(400, 'messages 是必需的')
  if (!Array.isArray(messages)) throw new TypeError('messages is not iterable')
  if (typeof model !== 'string') {
    throw new TypeError("Cannot read properties of undefined (reading 'endsWith')")
  }
  const read = messages.map(readMessage)
  const image = isRecord(fields.image_config) ? fields.image_config : {}
  if (model === 'gemini-2.5-pro-image' && image.image_size !== undefined) {
    throw new Refusal(500, 'gemini-2.5-pro-image 不支持 image_size')
  }
  const last = read.at(-1)
  const toolResult = last?.role === 'tool' ? messageText(last) : undefined
  return {
    model,
    stream: fields.stream === undefined ? true : Boolean(fields.stream),
    messages: read,
    tools: readTools(fields.tools),
    body: fields,
    lastUserText: messageText(read.findLast((message) => message.role === 'user')),
    toolResult,
    thinking: isThinking(model) && toolResult === undefined && !isImageModel(model),
    imageTooLarge: read.some(hasLargeImage),
  }
}

/** All text of a conversation, as the token estimate counts it. */
export function conversationText(request: ChatRequest): string {
  return request.messages.map(messageText).join('')
}

/** The text parts of one message. */
export function messageText(message: JsonObject | undefined): string {
  if (typeof message?.content === 'string') return message.content
  return parts(message)
    .map((part) => (part.type === 'text' ? (text(part.text) ?? '') : ''))
    .join('')
}

const KNOWN_ROLES: readonly unknown[] = ['system', 'user', 'assistant', 'tool']

/** What gets through of the messages: other roles, and images that are no data URLs, are dropped without a word. */
export function whatGetsThrough(messages: readonly JsonObject[]): JsonObject[] {
  const known = messages.filter(({ role }) => KNOWN_ROLES.includes(role))
  return known.map((message) =>
    Array.isArray(message.content)
      ? {
          ...message,
          content: parts(message).filter(
            (part) => part.type !== 'image_url' || imageUrl(part).startsWith('data:image/'),
          ),
        }
      : message,
  )
}

function readMessage(message: unknown): JsonObject {
  if (!isRecord(message)) {
    throw new TypeError(`Cannot read properties of ${String(message)} (reading 'role')`)
  }
  return message
}

function readTools(tools: unknown): Tool[] {
  if (!Array.isArray(tools)) return []
  return tools.flatMap((tool: unknown) => {
    if (!isRecord(tool) || !isRecord(tool.function)) return []
    const name = text(tool.function.name)
    if (name === undefined) return []
    const { parameters } = tool.function
    return [{ name, parameters: isRecord(parameters) ? parameters : {} }]
  })
}

function hasLargeImage(message: JsonObject): boolean {
  return parts(message).some((part) => {
    const url = imageUrl(part)
    const start = url.indexOf(';base64,')
    if (!url.startsWith('data:image/') || start < 0) return false
    return ((url.length - start - ';base64,'.length) * 3) / 4 > IMAGE_LIMIT_BYTES
  })
}

function imageUrl(part: JsonObject): string {
  return part.type === 'image_url' && isRecord(part.image_url)
    ? (text(part.image_url.url) ?? '')
    : ''
}

function parts(message: JsonObject | undefined): JsonObject[] {
  return Array.isArray(message?.content) ? message.content.filter(isRecord) : []
}
