import { AppError } from '../../../errors.ts'
import { parseJson } from '../../../platform/json.ts'
import type { CompletionResult } from '../dialect.ts'
import { isObject } from '../fields.ts'
import { hasFailed, spokenBytes } from './choices.ts'
import { explainEvent, isError } from './refusal.ts'
import { UsageReader } from './usage.ts'

/** A whole answer passes as it is; it is read for the books, and to be sure that it is one. */
export function readCompletion(text: string): CompletionResult {
  const parsed: unknown = parseJson(text)
  // Gemini's errors stand in a list.
  const json = Array.isArray(parsed) ? (parsed[0] as unknown) : parsed
  if (!isObject(json) || !Array.isArray(json.choices)) {
    return {
      type: 'failure',
      error:
        isObject(json) && isError(json)
          ? explainEvent(json)
          : new AppError(
              'upstream_error',
              'The AI service sent an answer that is not a completion.',
            ),
    }
  }
  const choices = json.choices.filter(isObject)
  const failed = choices.find(hasFailed)
  if (isError(json) || failed) {
    return { type: 'failure', error: explainEvent(isError(json) ? json : (failed ?? {})) }
  }
  const reader = new UsageReader()
  reader.read(json)
  return {
    type: 'completion',
    body: text,
    usage: reader.usage,
    producedBytes: choices.reduce((sum, { message }) => sum + spokenBytes(message), 0),
  }
}
