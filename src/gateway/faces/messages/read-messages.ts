import type { JsonObject } from '../../dialects/fields.ts'
import { isObject } from '../../dialects/fields.ts'
import {
  contentOf,
  imagePart,
  notValid,
  objectsIn,
  present,
  readObjects,
  textOf,
  textPart,
} from '../reading.ts'
import { readSealed } from '../signature.ts'
import { toServerId } from '../tool-ids.ts'

/**
 * Anthropic's messages as those of a chat. https://docs.claude.com/en/api/messages
 *
 * @throws {AppError} `invalid_request`
 */
export function readMessages(value: unknown): JsonObject[] {
  const messages = readObjects(value, 'messages')
  if (messages.length === 0) throw notValid('messages', 'must hold at least one message.')
  const loopAt = messages.findLastIndex(isPersonsTurn)
  return messages.flatMap((message, index) => {
    const blocks = blocksOf(message.content, `messages.${index}.content`)
    switch (message.role) {
      case 'user':
        return userMessages(blocks)
      case 'assistant':
        return assistantMessage(blocks, index > loopAt)
      case 'system':
        return systemMessage(blocks)
      default:
        throw notValid(`messages.${index}.role`, 'must be "user", "assistant" or "system".')
    }
  })
}

/** The instructions before a conversation. @throws {AppError} `invalid_request` */
export function readSystem(value: unknown): JsonObject[] {
  if (value === undefined || value === null) return []
  return systemMessage(blocksOf(value, 'system'))
}

function systemMessage(blocks: readonly JsonObject[]): JsonObject[] {
  const content = textsOf(blocks).join('\n\n')
  return content === '' ? [] : [{ role: 'system', content }]
}

function blocksOf(content: unknown, param: string): JsonObject[] {
  if (typeof content === 'string') return content === '' ? [] : [textPart(content)]
  return readObjects(content, param)
}

/** Whether a turn is a person's own words, and no mere results of tools. */
function isPersonsTurn({ role, content }: JsonObject): boolean {
  return (
    role === 'user' &&
    (typeof content === 'string' || !objectsIn(content).some(({ type }) => type === 'tool_result'))
  )
}

function textsOf(blocks: readonly JsonObject[]): string[] {
  return blocks.flatMap(({ type, text }) =>
    type === 'text' && typeof text === 'string' && text !== '' ? [text] : [],
  )
}

/** Results of tools come first: a chat wants them right behind the calls. Their pictures follow them. */
function userMessages(blocks: readonly JsonObject[]): JsonObject[] {
  const results: JsonObject[] = []
  const parts: JsonObject[] = []
  for (const block of blocks) {
    if (block.type === 'tool_result') results.push(toolMessage(block, parts))
  }
  for (const block of blocks) {
    if (block.type !== 'tool_result') parts.push(...partsOf(block))
  }
  return parts.length > 0 ? [...results, { role: 'user', content: contentOf(parts) }] : results
}

/** @param pictures where what a tool's message cannot hold goes */
function toolMessage({ tool_use_id, content }: JsonObject, pictures: JsonObject[]): JsonObject {
  const parts =
    typeof content === 'string' ? [textPart(content)] : objectsIn(content).flatMap(partsOf)
  pictures.push(...parts.filter(({ type }) => type !== 'text'))
  return {
    role: 'tool',
    tool_call_id: toServerId(textOf(tool_use_id) ?? ''),
    content: parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'),
  }
}

function partsOf(block: JsonObject): JsonObject[] {
  switch (block.type) {
    case 'text':
      return textsOf([block]).map(textPart)
    case 'image':
      return pictureOf(block.source)
    case 'document':
      return documentOf(block)
    case 'search_result':
      return [
        textPart([block.title, block.source, ...textsOf(objectsIn(block.content))].join('\n')),
      ]
    default:
      return []
  }
}

function pictureOf(source: unknown): JsonObject[] {
  if (!isObject(source)) return []
  if (source.type === 'url' && typeof source.url === 'string') return [imagePart(source.url)]
  return source.type === 'base64' ? [imagePart(dataUrl(source))] : []
}

function documentOf({ source, title }: JsonObject): JsonObject[] {
  if (!isObject(source)) return []
  if (source.type === 'text') return [textPart(String(source.data ?? ''))]
  if (source.type === 'content') return objectsIn(source.content).flatMap(partsOf)
  if (source.type !== 'base64') return []
  const filename = textOf(title) ?? 'document.pdf'
  return [{ type: 'file', file: { filename, file_data: dataUrl(source) } }]
}

function dataUrl({ media_type, data }: JsonObject): string {
  return `data:${textOf(media_type) ?? 'image/png'};base64,${textOf(data) ?? ''}`
}

/**
 * @param isInLoop the tools that it calls are still being worked with: servers that think want to see
 *   again what they thought
 */
function assistantMessage(blocks: readonly JsonObject[], isInLoop: boolean): JsonObject[] {
  const texts = textsOf(blocks)
  const thoughts: string[] = []
  const signatures: Record<string, string> = {}
  for (const { type, thinking, signature } of blocks) {
    if (type !== 'thinking') continue
    const sealed = readSealed(signature)
    if (!sealed) continue
    Object.assign(signatures, sealed.signatures)
    thoughts.push(textOf(thinking) || sealed.text || '')
  }
  const calls = blocks
    .filter(({ type }) => type === 'tool_use')
    .map((block) => callOf(block, signatures))
  if (texts.length === 0 && calls.length === 0) return []
  const reasoning = isInLoop && calls.length > 0 ? thoughts.join('') : ''
  return [
    present({
      role: 'assistant',
      content: texts.length > 0 ? texts.join('\n\n') : null,
      reasoning_content: reasoning || undefined,
      tool_calls: calls.length > 0 ? calls : undefined,
    }),
  ]
}

function callOf({ id, name, input }: JsonObject, signatures: Record<string, string>): JsonObject {
  const clientId = textOf(id) ?? ''
  const signature = signatures[clientId]
  return {
    id: toServerId(clientId),
    type: 'function',
    function: { name: textOf(name) ?? '', arguments: JSON.stringify(input ?? {}) },
    ...(signature && { extra_content: { google: { thought_signature: signature } } }),
  }
}
