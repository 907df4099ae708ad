import { AppError } from '../../errors.ts'
import { parseJson } from '../../platform/json.ts'
import { type ChatRequest, type Fields, promptTexts } from '../chat-request.ts'
import { isObject } from '../dialects/fields.ts'
import { isGemini, repairedTools } from '../dialects/gemini-schema.ts'
import { estimateTokens } from '../estimate.ts'
import type { AnswerFacts, ReadRequest } from './face.ts'
import { objectsIn } from './reading.ts'

/** @throws {AppError} `malformed_request`, `invalid_request` */
export function readFaceRequest(
  bytes: Uint8Array<ArrayBuffer>,
  read: ReadRequest,
  facts: Omit<AnswerFacts, 'model' | 'promptTokens'>,
): ChatRequest {
  const json = parseJson(new TextDecoder().decode(bytes))
  if (!isObject(json)) {
    throw new AppError('malformed_request', 'The body of your request is not a JSON object.')
  }
  const { chat: asRead, stream, streamType, writer } = read(json)
  const { model, tools } = asRead
  // What came is not passed on as it was anyway.
  const repaired = isGemini(String(model)) ? repairedTools(objectsIn(tools)) : null
  const chat = repaired ? { ...asRead, tools: repaired } : asRead
  // Servers count a stream only where they are asked to, and these clients all want to know.
  const fields = {
    ...chat,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
  } as unknown as Fields
  const characters = promptTexts(fields).reduce((sum, { length }) => sum + length, 0)
  return {
    model: fields.model,
    stream,
    includeUsage: stream,
    bytes: new TextEncoder().encode(JSON.stringify(fields)) as Uint8Array<ArrayBuffer>,
    fields,
    writer: writer({ ...facts, model: fields.model, promptTokens: estimateTokens(characters) }),
    streamType,
  }
}
