import { AppError } from '../../../errors.ts'
import { parseJson } from '../../../platform/json.ts'
import type { CompletionResult } from '../dialect.ts'
import { isObject, tokensOf, usageOf } from '../fields.ts'
import { explainEvent } from './refusal.ts'

/** A whole answer passes as it is; it is read for the books, and to be sure that it is one. */
export function readCompletion(text: string): CompletionResult {
  const json = parseJson(text)
  if (!isObject(json) || !Array.isArray(json.choices)) {
    return {
      type: 'failure',
      error:
        isObject(json) && json.error !== undefined
          ? explainEvent(json)
          : new AppError(
              'upstream_error',
              'The AI service sent an answer that is not a completion.',
            ),
    }
  }
  const usage = tokensOf(usageOf(json.usage))
  return {
    type: 'completion',
    body: text,
    usage,
    producedBytes: usage ? 0 : JSON.stringify(json.choices).length,
  }
}
