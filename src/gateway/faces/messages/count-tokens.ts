import type { JsonObject } from '../../dialects/fields.ts'
import { estimateJson } from '../estimate-request.ts'
import { readModel } from '../reading.ts'
import { readMessages, readSystem } from './read-messages.ts'

/**
 * Tokens of a request in Anthropic's form, estimated. https://docs.claude.com/en/api/messages-count-tokens
 *
 * @throws {AppError} `invalid_request`
 */
export function countMessageTokens({ model, system, messages, tools }: JsonObject) {
  readModel(model)
  const chat = [...readSystem(system), ...readMessages(messages)]
  return { input_tokens: estimateJson([chat, tools ?? []]) }
}
