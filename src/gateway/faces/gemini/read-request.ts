import { isObject, type JsonObject } from '../../dialects/fields.ts'
import { EVENT_STREAM, type FaceRequest, type ReadRequest } from '../face.ts'
import { present, readLimit, readModel, readNumber, textOf } from '../reading.ts'
import { field } from './fields.ts'
import { readContents, readInstruction } from './read-contents.ts'
import { lowerTypes, readTools } from './read-tools.ts'
import { GeminiWriter } from './writer.ts'

/** How a Gemini answer travels: whole, as server-sent events, or as a list that grows. */
export type Transport = 'whole' | 'events' | 'list'

/**
 * Reads a request of `generateContent`, whose model stands in the address.
 * https://ai.google.dev/api/generate-content
 */
export function geminiReader(model: string, transport: Transport): ReadRequest {
  return (json) => readGeminiRequest(json, model, transport)
}

function readGeminiRequest(json: JsonObject, model: string, transport: Transport): FaceRequest {
  const given = field(json, 'generationConfig')
  const config = isObject(given) ? given : {}
  const number = (name: string) => readNumber(field(config, name), `generationConfig.${name}`)
  const thinking = field(config, 'thinkingConfig')
  const stops = field(config, 'stopSequences')
  return {
    chat: present({
      model: readModel(model),
      messages: [
        ...readInstruction(field(json, 'systemInstruction')),
        ...readContents(json.contents),
      ],
      max_tokens: readLimit(field(config, 'maxOutputTokens'), 'generationConfig.maxOutputTokens'),
      temperature: number('temperature'),
      top_p: number('topP'),
      top_k: number('topK'),
      seed: number('seed'),
      presence_penalty: number('presencePenalty'),
      frequency_penalty: number('frequencyPenalty'),
      stop: Array.isArray(stops) && stops.length > 0 ? stops : undefined,
      reasoning_effort: effortOf(thinking),
      response_format: formatOf(config),
      ...readTools(json.tools, field(json, 'toolConfig')),
    }),
    stream: transport !== 'whole',
    streamType: transport === 'events' ? EVENT_STREAM : 'application/json; charset=utf-8',
    writer: (facts) =>
      new GeminiWriter(facts, {
        isList: transport === 'list',
        showsThoughts: isObject(thinking) && field(thinking, 'includeThoughts') === true,
      }),
  }
}

/** `HIGH` is what clients send when nobody has chosen; servers refuse an effort where there is none to make. */
function effortOf(thinking: unknown): string | undefined {
  if (!isObject(thinking)) return undefined
  const level = textOf(field(thinking, 'thinkingLevel'))?.toLowerCase()
  return level === 'minimal' || level === 'low' || level === 'medium' ? level : undefined
}

function formatOf(config: JsonObject): JsonObject | undefined {
  if (field(config, 'responseMimeType') !== 'application/json') return undefined
  const json = field(config, 'responseJsonSchema')
  const schema = isObject(json) ? json : lowerTypes(field(config, 'responseSchema'))
  return isObject(schema)
    ? { type: 'json_schema', json_schema: { name: 'answer', schema } }
    : { type: 'json_object' }
}
