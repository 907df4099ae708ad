import { AppError } from '../../../errors.ts'
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
import { readSealed } from '../signature.ts'
import { toServerId } from '../tool-ids.ts'

/**
 * The items of a Responses request as the messages of a chat: what the assistant says before the next
 * result, or word of a person, is one turn, since a chat takes nothing between a call and its result.
 * https://platform.openai.com/docs/api-reference/responses/create
 *
 * @throws {AppError} `invalid_request`
 */
export function readInput(value: unknown): JsonObject[] {
  if (typeof value === 'string') return [{ role: 'user', content: value }]
  const messages = new Messages()
  for (const [index, item] of readObjects(value, 'input').entries()) {
    messages.add(item, `input.${index}`)
  }
  return messages.end()
}

interface Turn {
  texts: string[]
  thoughts: string[]
  calls: JsonObject[]
}

class Messages {
  readonly #all: JsonObject[] = []
  /** The assistant's turn that is being read. */
  #turn: Turn | null = null
  #signatures: Record<string, string> = {}
  /** Pictures that a tool has given: they follow the results. */
  #pictures: JsonObject[] = []
  /** Where the last turn of a person begins: thoughts before it are of no use any more. */
  #loopAt = 0

  add(item: JsonObject, param: string): void {
    switch (item.type ?? 'message') {
      case 'message':
        this.#message(item, param)
        break
      case 'reasoning':
        this.#reasoning(item)
        break
      case 'function_call':
        this.#call(item, textOf(item.arguments) ?? '{}')
        break
      case 'custom_tool_call':
        this.#call(item, JSON.stringify({ input: textOf(item.input) ?? '' }))
        break
      case 'function_call_output':
      case 'custom_tool_call_output':
        this.#result(item)
        break
      case 'item_reference':
        throw notKept(param)
      default:
      // Calls of tools that OpenAI runs itself, and whatever comes next year.
    }
  }

  end(): JsonObject[] {
    this.#closeTurn()
    this.#closeResults()
    for (const message of this.#all.slice(0, this.#loopAt)) delete message.reasoning_content
    return this.#all
  }

  #message({ role, content }: JsonObject, param: string): void {
    const parts = typeof content === 'string' ? [textPart(content)] : partsOf(content, param)
    if (role === 'assistant') {
      this.#closeResults()
      this.#turnOf().texts.push(...parts.flatMap((part) => textOf(part.text) ?? []))
      return
    }
    this.#closeTurn()
    this.#closeResults()
    if (role !== 'user' && role !== 'system' && role !== 'developer') {
      throw notValid(`${param}.role`, 'must be "user", "assistant", "system" or "developer".')
    }
    if (parts.length === 0) return
    if (role === 'user') this.#loopAt = this.#all.length
    // Few servers know the developer, and all know the system.
    this.#all.push({ role: role === 'user' ? 'user' : 'system', content: contentOf(parts) })
  }

  #reasoning({ summary, content, encrypted_content }: JsonObject): void {
    const sealed = readSealed(encrypted_content)
    if (!sealed) return
    this.#closeResults()
    Object.assign(this.#signatures, sealed.signatures)
    const shown = [...objectsIn(summary), ...objectsIn(content)].flatMap(
      ({ text }) => textOf(text) ?? [],
    )
    this.#turnOf().thoughts.push(shown.join('\n') || sealed.text || '')
  }

  #call({ call_id, name }: JsonObject, given: string): void {
    this.#closeResults()
    const id = textOf(call_id) ?? ''
    const signature = this.#signatures[id]
    this.#turnOf().calls.push({
      id: toServerId(id),
      type: 'function',
      function: { name: textOf(name) ?? '', arguments: given },
      ...(signature && { extra_content: { google: { thought_signature: signature } } }),
    })
  }

  #result({ call_id, output }: JsonObject): void {
    this.#closeTurn()
    const parts =
      typeof output === 'string' ? [textPart(output)] : objectsIn(output).flatMap(partOf)
    this.#pictures.push(...parts.filter(({ type }) => type !== 'text'))
    this.#all.push({
      role: 'tool',
      tool_call_id: toServerId(textOf(call_id) ?? ''),
      content: parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'),
    })
  }

  #turnOf(): Turn {
    this.#turn ??= { texts: [], thoughts: [], calls: [] }
    return this.#turn
  }

  #closeTurn(): void {
    const turn = this.#turn
    this.#turn = null
    if (!turn || turn.texts.length + turn.calls.length === 0) return
    const hasCalls = turn.calls.length > 0
    this.#all.push(
      present({
        role: 'assistant',
        content: turn.texts.length > 0 ? turn.texts.join('\n') : null,
        reasoning_content: (hasCalls && turn.thoughts.filter(Boolean).join('\n')) || undefined,
        tool_calls: hasCalls ? turn.calls : undefined,
      }),
    )
  }

  #closeResults(): void {
    if (this.#pictures.length === 0) return
    this.#all.push({ role: 'user', content: this.#pictures })
    this.#pictures = []
  }
}

function partsOf(content: unknown, param: string): JsonObject[] {
  return readObjects(content, `${param}.content`).flatMap(partOf)
}

function partOf(part: JsonObject): JsonObject[] {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return part.text === '' || typeof part.text !== 'string' ? [] : [textPart(part.text)]
    case 'refusal':
      return typeof part.refusal === 'string' ? [textPart(part.refusal)] : []
    case 'input_image': {
      const { image_url: image, detail } = part
      const url = isObject(image) ? image.url : image
      if (typeof url !== 'string') return []
      return [
        typeof detail === 'string'
          ? { type: 'image_url', image_url: { url, detail } }
          : imagePart(url),
      ]
    }
    case 'input_file':
      return typeof part.file_data === 'string'
        ? [
            {
              type: 'file',
              file: { filename: textOf(part.filename) ?? 'file', file_data: part.file_data },
            },
          ]
        : []
    case 'input_audio':
      return [part]
    default:
      return []
  }
}

function notKept(param: string): AppError {
  return new AppError(
    'invalid_request',
    'This gateway keeps no answers, so nothing can be referred to by its id. Send the items themselves: with the Vercel AI SDK set providerOptions.openai.store to false.',
    { param },
  )
}
