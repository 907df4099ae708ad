import { parseJson } from '../platform/json.ts'
import { countOf, isObject, type JsonObject } from './dialects/fields.ts'
import { DONE, SseReader, sseEvent } from './streams/sse.ts'

/**
 * A whole completion as the stream that was asked for, in the form that the server would have sent.
 *
 * @param completion OpenAI's `chat.completion`
 * @param includeUsage whether the client asked for its chunk
 */
export function asEvents(completion: JsonObject, includeUsage: boolean): string {
  const { choices, usage, ...rest } = completion
  const envelope = { ...rest, object: 'chat.completion.chunk' }
  const chunk = (choice: JsonObject, delta: unknown, reason: unknown) =>
    sseEvent(
      JSON.stringify({
        ...envelope,
        choices: [{ index: countOf(choice.index) ?? 0, delta, finish_reason: reason }],
      }),
    )
  const said = (Array.isArray(choices) ? choices.filter(isObject) : []).map(
    (choice) =>
      // What came whole has finished, whether or not it says how.
      chunk(choice, deltaOf(choice.message), null) +
      chunk(choice, {}, choice.finish_reason ?? 'stop'),
  )
  const counted =
    usage && includeUsage ? sseEvent(JSON.stringify({ ...envelope, choices: [], usage })) : ''
  return said.join('') + counted + sseEvent(DONE)
}

function deltaOf(message: unknown): JsonObject {
  if (!isObject(message)) return {}
  const { tool_calls: calls, ...rest } = message
  return {
    ...rest,
    ...(Array.isArray(calls) && {
      tool_calls: calls.filter(isObject).map((call, index) => ({ index, ...call })),
    }),
  }
}

/** The events of a stream as the whole completion that was asked for; undefined where it is none. */
export function asCompletion(text: string): JsonObject | undefined {
  const sse = new SseReader()
  const events = [...sse.push(new TextEncoder().encode(text)), ...sse.end()]
  const chunks = events.map(parseJson).filter(isObject)
  const [first] = chunks
  if (!first) return undefined
  const choices = new Map<number, Choice>()
  let usage: unknown
  for (const chunk of chunks) {
    if (chunk.usage) usage = chunk.usage
    for (const choice of Array.isArray(chunk.choices) ? chunk.choices.filter(isObject) : []) {
      const index = countOf(choice.index) ?? 0
      const known = choices.get(index) ?? {
        index,
        message: { role: 'assistant' },
        finish_reason: null,
      }
      choices.set(index, known)
      if (isObject(choice.delta)) merge(known.message, choice.delta)
      if (choice.finish_reason) known.finish_reason = choice.finish_reason
    }
  }
  const { choices: _, usage: __, ...envelope } = first
  return {
    ...envelope,
    object: 'chat.completion',
    choices: [...choices.values()].map(({ message, ...choice }) => ({
      ...choice,
      message: { content: null, ...message },
    })),
    ...(usage !== undefined && { usage }),
  }
}

interface Choice extends JsonObject {
  message: JsonObject
}

/** Texts are continued, tool calls by their number; whatever else comes replaces what was there. */
function merge(into: JsonObject, delta: JsonObject): void {
  for (const [name, value] of Object.entries(delta)) {
    if (value === null || value === undefined) continue
    const known = into[name]
    if (name === 'tool_calls' && Array.isArray(value)) mergeCalls(into, value.filter(isObject))
    else if (typeof value === 'string' && typeof known === 'string' && !LABELS.includes(name)) {
      into[name] = known + value
    } else if (isObject(value) && isObject(known)) merge(known, value)
    else into[name] = value
  }
}

/** Are sent again rather than continued. */
const LABELS: readonly string[] = ['role', 'id', 'type', 'name']

function mergeCalls(message: JsonObject, calls: JsonObject[]): void {
  const known = Array.isArray(message.tool_calls) ? (message.tool_calls as JsonObject[]) : []
  message.tool_calls = known
  for (const { index: number, ...call } of calls) {
    const index = countOf(number) ?? known.length
    const into = known[index] ?? {}
    known[index] = into
    merge(into, call)
  }
}
