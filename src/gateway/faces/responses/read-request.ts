import { AppError } from '../../../errors.ts'
import { isObject, type JsonObject } from '../../dialects/fields.ts'
import { EVENT_STREAM, type FaceRequest } from '../face.ts'
import {
  notValid,
  objectsIn,
  present,
  readFlag,
  readLimit,
  readModel,
  readNumber,
  textOf,
} from '../reading.ts'
import { echoOf } from './echo.ts'
import { readInput } from './read-input.ts'
import { ResponsesWriter } from './writer.ts'

/** What would need a conversation to be kept, and what to do instead. */
const STATEFUL = ['previous_response_id', 'conversation', 'prompt'] as const

/**
 * Reads a request of OpenAI's Responses API.
 * https://platform.openai.com/docs/api-reference/responses/create
 *
 * @throws {AppError} `invalid_request`
 */
export function readResponsesRequest(json: JsonObject): FaceRequest {
  refuseStateful(json)
  const { reasoning, text, include, tool_choice: choice } = json
  const instructions = textOf(json.instructions)
  const tools = objectsIn(json.tools).flatMap(toolOf)
  const messages = [
    ...(instructions ? [{ role: 'system', content: instructions }] : []),
    ...readInput(json.input),
  ]
  if (messages.length === 0) throw notValid('input', 'must hold at least one message.')
  const effort = isObject(reasoning) ? textOf(reasoning.effort) : undefined
  const isShown =
    isObject(reasoning) && typeof (reasoning.summary ?? reasoning.generate_summary) === 'string'
  const isSealed = Array.isArray(include) && include.includes('reasoning.encrypted_content')
  return {
    chat: present({
      model: readModel(json.model),
      messages,
      max_tokens: readLimit(json.max_output_tokens, 'max_output_tokens'),
      temperature: readNumber(json.temperature, 'temperature'),
      top_p: readNumber(json.top_p, 'top_p'),
      tools: tools.length > 0 ? tools : undefined,
      tool_choice: tools.length > 0 ? toolChoiceOf(choice) : undefined,
      parallel_tool_calls:
        tools.length > 0 && json.parallel_tool_calls === false ? false : undefined,
      reasoning_effort: effort,
      response_format: isObject(text) ? formatOf(text.format) : undefined,
      verbosity: isObject(text) ? textOf(text.verbosity) : undefined,
    }),
    stream: readFlag(json.stream, 'stream'),
    streamType: EVENT_STREAM,
    writer: (facts) =>
      new ResponsesWriter(facts, {
        isShown,
        isSealed,
        customTools: new Set(
          objectsIn(json.tools).flatMap(({ type, name }) =>
            type === 'custom' && typeof name === 'string' ? [name] : [],
          ),
        ),
        echoed: echoOf(json),
      }),
  }
}

function refuseStateful(json: JsonObject): void {
  for (const param of STATEFUL) {
    if (json[param] === undefined || json[param] === null) continue
    throw new AppError(
      'invalid_request',
      `"${param}" is not possible: this gateway keeps no conversations. Send the whole of it in "input", with what the model has answered so far.`,
      { param },
    )
  }
  if (json.background === true) {
    throw new AppError(
      'invalid_request',
      'This gateway does not work in the background. Set "background" to false, and "stream" to true for long answers.',
      { param: 'background' },
    )
  }
}

/** Tools that run at OpenAI's have nobody here who could run them. */
function toolOf({ type, name, description, parameters, strict }: JsonObject): JsonObject[] {
  if (typeof name !== 'string') return []
  if (type === 'custom') return [customTool(name, textOf(description))]
  if (type !== 'function') return []
  return [
    {
      type: 'function',
      function: present({
        name,
        description: textOf(description),
        parameters: isObject(parameters) ? parameters : { type: 'object', properties: {} },
        strict: strict === true ? true : undefined,
      }),
    },
  ]
}

/** A tool that takes free text: a function with that one parameter. */
function customTool(name: string, description: string | undefined): JsonObject {
  return {
    type: 'function',
    function: present({
      name,
      description,
      parameters: {
        type: 'object',
        properties: { input: { type: 'string', description: 'The whole input of the tool.' } },
        required: ['input'],
      },
    }),
  }
}

function toolChoiceOf(choice: unknown): unknown {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  if (!isObject(choice)) return undefined
  const { type, name, mode } = choice
  if ((type === 'function' || type === 'custom') && typeof name === 'string') {
    return { type: 'function', function: { name } }
  }
  return type === 'allowed_tools' && (mode === 'auto' || mode === 'required') ? mode : undefined
}

function formatOf(format: unknown): JsonObject | undefined {
  if (!isObject(format)) return undefined
  if (format.type === 'json_object') return { type: 'json_object' }
  if (format.type !== 'json_schema') return undefined
  const { name, schema, strict, description } = format
  return {
    type: 'json_schema',
    json_schema: present({
      name: textOf(name) ?? 'answer',
      schema,
      description: textOf(description),
      strict: typeof strict === 'boolean' ? strict : undefined,
    }),
  }
}
