import { AppError } from '../../../errors.ts'
import { isObject, type JsonObject } from '../../dialects/fields.ts'
import { EVENT_STREAM, type FaceRequest } from '../face.ts'
import {
  objectsIn,
  present,
  readFlag,
  readLimit,
  readModel,
  readNumber,
  textOf,
} from '../reading.ts'
import { readMessages, readSystem } from './read-messages.ts'
import { MessagesWriter, type Thoughts } from './writer.ts'

/**
 * Reads a request of Anthropic's Messages API (version 2023-06-01).
 * https://docs.claude.com/en/api/messages
 *
 * @throws {AppError} `invalid_request`
 */
export function readMessagesRequest(json: JsonObject): FaceRequest {
  refuseThread(json.thread)
  const { model, system, messages, tool_choice: choice, thinking } = json
  const tools = objectsIn(json.tools).flatMap(toolOf)
  const stops = Array.isArray(json.stop_sequences)
    ? json.stop_sequences.filter((stop) => typeof stop === 'string' && stop !== '')
    : []
  return {
    chat: present({
      model: readModel(model),
      messages: [...readSystem(system), ...readMessages(messages)],
      max_tokens: readLimit(json.max_tokens, 'max_tokens'),
      temperature: readNumber(json.temperature, 'temperature'),
      top_p: readNumber(json.top_p, 'top_p'),
      top_k: readNumber(json.top_k, 'top_k'),
      stop: stops.length > 0 ? stops : undefined,
      tools: tools.length > 0 ? tools : undefined,
      ...(tools.length > 0 && isObject(choice) && toolChoiceOf(choice)),
      reasoning_effort: effortOf(thinking),
      response_format: formatOf(json.output_config) ?? formatOf(json),
    }),
    stream: readFlag(json.stream, 'stream'),
    streamType: EVENT_STREAM,
    writer: (facts) => new MessagesWriter(facts, thoughtsFor(thinking)),
  }
}

/**
 * A conversation that the server keeps is begun with all of it, and gone on with by its end alone. SDKs
 * that hear that it is lost send the whole again.
 */
function refuseThread(thread: unknown): void {
  if (!isObject(thread) || thread.type !== 'continue') return
  throw new AppError(
    'not_found',
    'This gateway keeps no threads. Send the whole conversation in "messages".',
    { param: 'thread', anthropicDetails: { error_code: 'thread_not_found' } },
  )
}

function thoughtsFor(thinking: unknown): Thoughts {
  if (!isObject(thinking) || (thinking.type !== 'enabled' && thinking.type !== 'adaptive')) {
    return 'none'
  }
  return thinking.display === 'omitted' ? 'sealed' : 'shown'
}

/** Tools that run at Anthropic's have no schema, and nobody here who could run them. */
function toolOf({ name, description, input_schema, strict }: JsonObject): JsonObject[] {
  if (typeof name !== 'string' || !isObject(input_schema)) return []
  const { $schema: _, ...parameters } = input_schema
  return [
    {
      type: 'function',
      function: present({
        name,
        description: textOf(description),
        parameters,
        strict: typeof strict === 'boolean' ? strict : undefined,
      }),
    },
  ]
}

function toolChoiceOf(choice: JsonObject): JsonObject {
  const how: Record<string, unknown> = {
    auto: 'auto',
    any: 'required',
    none: 'none',
    tool: { type: 'function', function: { name: choice.name } },
  }
  return present({
    tool_choice: typeof choice.type === 'string' ? how[choice.type] : undefined,
    parallel_tool_calls: choice.disable_parallel_tool_use === true ? false : undefined,
  })
}

/** Only a budget that somebody has set: what is "adaptive" leaves it to the model. */
function effortOf(thinking: unknown): string | undefined {
  if (!isObject(thinking) || thinking.type !== 'enabled') return undefined
  const budget = typeof thinking.budget_tokens === 'number' ? thinking.budget_tokens : 0
  if (budget < 4_096) return 'low'
  return budget < 16_384 ? 'medium' : 'high'
}

function formatOf(config: unknown): JsonObject | undefined {
  if (!isObject(config)) return undefined
  const format = isObject(config.format) ? config.format : config.output_format
  if (!isObject(format) || format.type !== 'json_schema' || !isObject(format.schema))
    return undefined
  return {
    type: 'json_schema',
    json_schema: { name: 'answer', schema: format.schema, strict: true },
  }
}
