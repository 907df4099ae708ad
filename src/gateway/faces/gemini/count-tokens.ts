import { isObject, type JsonObject } from '../../dialects/fields.ts'
import { estimateJson } from '../estimate-request.ts'
import { field } from './fields.ts'
import { readContents, readInstruction } from './read-contents.ts'

/**
 * Tokens of a request in Google's form, estimated. https://ai.google.dev/api/tokens
 *
 * @throws {AppError} `invalid_request`
 */
export function countContentTokens(json: JsonObject) {
  const inner = field(json, 'generateContentRequest')
  const request = isObject(inner) ? inner : json
  const chat = [
    ...readInstruction(field(request, 'systemInstruction')),
    ...readContents(request.contents),
  ]
  return { totalTokens: estimateJson([chat, request.tools ?? []]) }
}
