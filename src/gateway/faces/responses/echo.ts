import { isObject, type JsonObject } from '../../dialects/fields.ts'
import { objectsIn, textOf } from '../reading.ts'

/** What a response repeats of its request; whatever is not what it should be is repeated as if it were not there. */
export function echoOf(json: JsonObject): JsonObject {
  const { metadata, reasoning, text, tool_choice: choice } = json
  const { effort, summary } = isObject(reasoning) ? reasoning : {}
  return {
    instructions: textOf(json.instructions) ?? null,
    max_output_tokens: json.max_output_tokens ?? null,
    metadata: Object.fromEntries(
      Object.entries(isObject(metadata) ? metadata : {}).filter(
        ([, value]) => typeof value === 'string',
      ),
    ),
    parallel_tool_calls: json.parallel_tool_calls !== false,
    reasoning: { effort: textOf(effort) ?? null, summary: textOf(summary) ?? null },
    temperature: json.temperature ?? 1,
    text: {
      format: isObject(text) && isTyped(text.format) ? text.format : { type: 'text' },
      ...(isObject(text) && typeof text.verbosity === 'string' && { verbosity: text.verbosity }),
    },
    tool_choice: choice === 'none' || choice === 'required' || isTyped(choice) ? choice : 'auto',
    tools: objectsIn(json.tools).filter(isTyped),
    top_p: json.top_p ?? 1,
  }
}

function isTyped(value: unknown): value is JsonObject {
  return isObject(value) && typeof value.type === 'string'
}
