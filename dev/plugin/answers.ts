import { createHash, randomUUID } from 'node:crypto'
import type { ChatRequest, Tool } from './chat-request.ts'
import { isRecord, type JsonObject } from './json.ts'
import { isImageModel } from './models.ts'
import { drawPng } from './png.ts'
import type { Settings } from './settings.ts'

/** Most characters of a prompt that an answer repeats. */
const ECHO_LIMIT = 400

/** One complete tool call. */
export interface ToolCall {
  id?: string
  type: 'function'
  function: { name: string; arguments: string }
  extra_content?: { google: { thought_signature: string } }
}

/** Token counts as the service estimates them. */
export interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
}

/** A piece of an answer, in the order in which it travels. */
export type Part = { reasoning: string } | { content: string } | { toolCalls: ToolCall[] }

/** An answer that is coming into being. */
export interface Generation {
  parts: AsyncIterable<Part>
  /** Token counts, when the upstream tells them; known after the last part. */
  usage(): Usage | undefined
}

/**
 * Makes up the answer to a request, always the same one for the same request:
 *
 * - normally `Hello! You said: <the last user message>` (at most 400 characters of it);
 * - with `tools`, a last user message that says `call <tool name>` calls that tool; JSON that
 *   follows the name becomes the arguments, else they are made up from the parameters; several
 *   `call …` make several calls;
 * - after a tool result, `The tool answered: <result>`;
 * - for models ending in `-image`, a sentence and a picture;
 * - thinking models think first.
 *
 * @param override a text to answer instead
 */
export function makeUpAnswer(
  request: ChatRequest,
  settings: Settings['chat'],
  override: string | undefined,
): Part[] {
  const parts: Part[] = []
  if (request.thinking) {
    for (const word of words(`The user wants an answer, so I will give one.`)) {
      parts.push({ reasoning: word })
    }
  }
  const calls = override === undefined ? toolCalls(request, settings) : []
  if (calls.length > 0) return [...parts, { toolCalls: calls }]

  const text = override ?? settings.answer ?? usualText(request)
  const contents = settings.events === null ? words(text) : fixedCount(settings.events)
  for (const content of settings.whitespaceLoss ? lossy(contents) : contents) {
    parts.push({ content })
  }
  if (isImageModel(request.model)) {
    const data = drawPng(request.lastUserText).toString('base64')
    parts.push({ content: `\n\n![image](data:image/png;base64,${data})` })
  }
  return parts
}

/** Estimates the tokens of an answer: without reasoning, but with the base64 of images. */
export function estimateUsage(promptText: string, parts: readonly Part[]): Usage {
  let completion = ''
  for (const part of parts) {
    if ('content' in part) completion += part.content
    if ('toolCalls' in part) {
      for (const call of part.toolCalls) completion += call.function.name + call.function.arguments
    }
  }
  const prompt_tokens = tokens(promptText)
  const completion_tokens = tokens(completion)
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4)
}

function usualText(request: ChatRequest): string {
  if (request.toolResult !== undefined) return `The tool answered: ${shorten(request.toolResult)}`
  if (isImageModel(request.model)) return 'Here is your picture.'
  return `Hello! You said: ${shorten(request.lastUserText) || 'nothing'}`
}

function shorten(text: string): string {
  const characters = [...text.slice(0, 2 * ECHO_LIMIT + 2)]
  return characters.length > ECHO_LIMIT ? `${characters.slice(0, ECHO_LIMIT).join('')}…` : text
}

/** Cuts a text before each run of white space, losing nothing. */
function words(text: string): string[] {
  return text.match(/\s*\S+\s*$|\s*\S+|\s+/g) ?? []
}

function fixedCount(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index === 0 ? '' : ' '}word${index + 1}`)
}

/** The upstream sent words and gaps as parts of their own, and the gaps were dropped. */
function lossy(contents: readonly string[]): string[] {
  return contents.map((content) => content.trim()).filter((content) => content !== '')
}

function toolCalls(request: ChatRequest, settings: Settings['chat']): ToolCall[] {
  if (request.toolResult !== undefined) return []
  const found = request.tools.flatMap((tool) =>
    mentions(request.lastUserText, tool.name).map((at) => ({ at, tool })),
  )
  found.sort((a, b) => a.at - b.at)
  return found.map(({ at, tool }) => {
    const rest = request.lastUserText.slice(at).trimStart()
    const call: ToolCall = {
      type: 'function',
      function: {
        name: tool.name,
        arguments: JSON.stringify(leadingObject(rest) ?? sampleArguments(tool)),
      },
    }
    if (settings.toolCallIds) call.id = `call_${randomUUID().replaceAll('-', '')}`
    if (request.thinking && request.model.startsWith('gemini-')) {
      const digest = createHash('sha256').update(request.lastUserText + tool.name)
      call.extra_content = { google: { thought_signature: digest.digest('base64') } }
    }
    return call
  })
}

/** Where `call <name>` ends in a text, for each occurrence. */
function mentions(text: string, name: string): number[] {
  const pattern = new RegExp(`\\bcall\\s+${literal(name)}(?![\\w-])`, 'gi')
  return [...text.matchAll(pattern)].map((match) => match.index + match[0].length)
}

/** Escapes a text for use inside a regular expression. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** The JSON object that a text begins with. */
function leadingObject(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined
  for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}', end + 1)) {
    try {
      const value: unknown = JSON.parse(text.slice(0, end + 1))
      if (isRecord(value)) return value
    } catch {
      // A brace inside the object; the next one may close it.
    }
  }
  return undefined
}

function sampleArguments(tool: Tool): JsonObject {
  const { properties } = tool.parameters
  if (!isRecord(properties)) return {}
  const samples: JsonObject = {}
  for (const [name, schema] of Object.entries(properties)) {
    samples[name] = sample(isRecord(schema) ? schema : {})
  }
  return samples
}

function sample(schema: JsonObject): unknown {
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0]
  switch (schema.type) {
    case 'number':
    case 'integer':
      return 1
    case 'boolean':
      return true
    case 'array':
      return []
    case 'object':
      return {}
    default:
      return 'example'
  }
}
