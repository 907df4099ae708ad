import { isObject, type JsonObject } from '../../dialects/fields.ts'
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
import { toServerId } from '../tool-ids.ts'
import { field } from './fields.ts'

/**
 * Google's contents as the messages of a chat. https://ai.google.dev/api/caching#Content
 *
 * @throws {AppError} `invalid_request`
 */
export function readContents(value: unknown): JsonObject[] {
  // The SDKs make a list of everything; people with curl may not.
  const contents = isObject(value) ? [value] : readObjects(value, 'contents')
  if (contents.length === 0) throw notValid('contents', 'must hold at least one content.')
  const reader = new ContentReader(contents.findLastIndex(isPersonsTurn))
  return contents.flatMap((content, index) => reader.read(content, index))
}

/** @throws {AppError} `invalid_request` */
export function readInstruction(value: unknown): JsonObject[] {
  if (value === undefined || value === null) return []
  const text =
    typeof value === 'string'
      ? value
      : objectsIn(isObject(value) ? value.parts : value)
          .flatMap((part) => textOf(part.text) ?? [])
          .join('\n')
  return text === '' ? [] : [{ role: 'system', content: text }]
}

function isPersonsTurn({ role, parts }: JsonObject): boolean {
  return (
    role !== 'model' && !objectsIn(parts).some((part) => isObject(field(part, 'functionResponse')))
  )
}

/** Google's results name the function, and the call only lately; a chat's name the call. */
class ContentReader {
  readonly #loopAt: number
  /** Calls that have no result yet, in their order. */
  #open: { id: string; name: string }[] = []
  #count = 0

  constructor(loopAt: number) {
    this.#loopAt = loopAt
  }

  read({ role, parts: value }: JsonObject, index: number): JsonObject[] {
    const parts = isObject(value) ? [value] : readObjects(value ?? [], `contents.${index}.parts`)
    return role === 'model' ? this.#model(parts, index > this.#loopAt) : this.#user(parts)
  }

  #model(parts: readonly JsonObject[], isInLoop: boolean): JsonObject[] {
    const texts: string[] = []
    const thoughts: string[] = []
    const calls: JsonObject[] = []
    for (const part of parts) {
      const called = field(part, 'functionCall')
      const text = textOf(part.text)
      if (isObject(called)) calls.push(this.#call(called, textOf(field(part, 'thoughtSignature'))))
      else if (text) (part.thought === true ? thoughts : texts).push(text)
    }
    if (texts.length === 0 && calls.length === 0) return []
    return [
      present({
        role: 'assistant',
        content: texts.length > 0 ? texts.join('') : null,
        reasoning_content: (isInLoop && calls.length > 0 && thoughts.join('')) || undefined,
        tool_calls: calls.length > 0 ? calls : undefined,
      }),
    ]
  }

  #call(called: JsonObject, signature: string | undefined): JsonObject {
    const name = textOf(called.name) ?? ''
    const id = textOf(called.id) || `call_${this.#count++}`
    this.#open.push({ id, name })
    return {
      id: toServerId(id),
      type: 'function',
      function: { name, arguments: JSON.stringify(called.args ?? {}) },
      ...(signature && { extra_content: { google: { thought_signature: signature } } }),
    }
  }

  #user(parts: readonly JsonObject[]): JsonObject[] {
    const results: JsonObject[] = []
    const rest: JsonObject[] = []
    for (const part of parts) {
      const answered = field(part, 'functionResponse')
      if (!isObject(answered)) continue
      results.push({
        role: 'tool',
        tool_call_id: toServerId(this.#idOf(answered)),
        content: resultText(answered.response),
      })
      rest.push(...objectsIn(answered.parts).flatMap(partOf))
    }
    for (const part of parts) rest.push(...partOf(part))
    return rest.length > 0 ? [...results, { role: 'user', content: contentOf(rest) }] : results
  }

  #idOf({ id, name }: JsonObject): string {
    const at = this.#open.findIndex((call) => (textOf(id) ? call.id === id : call.name === name))
    const [call] = at < 0 ? [] : this.#open.splice(at, 1)
    return call?.id ?? textOf(id) ?? textOf(name) ?? ''
  }
}

/** What a function gave, without the wrapping that a mere text has to have here. */
function resultText(response: unknown): string {
  if (typeof response === 'string') return response
  if (isObject(response)) {
    const { name, content, ...others } = response
    // As Vercel's SDK wraps it.
    const isNamed = typeof name === 'string' && Object.keys(others).length === 0
    if (isNamed && typeof content === 'string') return content
    const [first, ...more] = Object.entries(response)
    if (
      first &&
      more.length === 0 &&
      typeof first[1] === 'string' &&
      /^(output|result)$/.test(first[0])
    ) {
      return first[1]
    }
  }
  return JSON.stringify(response ?? {})
}

function partOf(part: JsonObject): JsonObject[] {
  if (typeof part.text === 'string') return part.text === '' ? [] : [textPart(part.text)]
  const inline = field(part, 'inlineData')
  if (isObject(inline)) return inlinePart(inline)
  const file = field(part, 'fileData')
  const uri = isObject(file) ? textOf(field(file, 'fileUri')) : undefined
  return uri && /^https?:/.test(uri) ? [imagePart(uri)] : []
}

function inlinePart(inline: JsonObject): JsonObject[] {
  const type = textOf(field(inline, 'mimeType')) ?? 'image/png'
  const data = textOf(inline.data) ?? ''
  const url = `data:${type};base64,${data}`
  if (type.startsWith('image/')) return [imagePart(url)]
  if (type.startsWith('audio/')) {
    const format = type.slice('audio/'.length).replace('mpeg', 'mp3')
    return [{ type: 'input_audio', input_audio: { data, format } }]
  }
  return [{ type: 'file', file: { filename: 'file', file_data: url } }]
}
