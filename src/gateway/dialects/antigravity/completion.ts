import { AppError } from '../../../errors.ts'
import { parseJson } from '../../../platform/json.ts'
import type { AnswerOptions, CompletionResult } from '../dialect.ts'
import { isObject, type JsonObject, tokensOf, usageOf } from '../fields.ts'
import { EXHAUSTED, exhausted } from './failures.ts'
import { createdOf, finishReasonOf, ToolCallCounter } from './normal-form.ts'

/**
 * A whole answer of the plug-in as OpenAI's `chat.completion`, with every field that OpenAI's
 * description requires.
 */
export function translateCompletion(text: string, options: AnswerOptions): CompletionResult {
  const json = parseJson(text)
  if (!isObject(json) || !Array.isArray(json.choices) || json.choices.length === 0) {
    return notACompletion()
  }
  const { id, model } = options
  const choices: JsonObject[] = []
  let producedBytes = 0
  for (const [index, choice] of json.choices.entries()) {
    if (!isObject(choice) || !isObject(choice.message)) return notACompletion()
    const { message } = choice
    // The only answer of one bare word that the plug-in gives when its accounts are spent.
    if (message.content === EXHAUSTED) return { type: 'failure', error: exhausted() }
    const calls = new ToolCallCounter(id).complete(message.tool_calls)
    const content = typeof message.content === 'string' ? message.content : null
    producedBytes += (content?.length ?? 0) + (calls ? JSON.stringify(calls).length : 0)
    choices.push({
      ...choice,
      index,
      message: {
        ...message,
        role: 'assistant',
        content: calls && !content ? null : (content ?? ''),
        refusal: null,
        // In a whole answer calls are not numbered.
        ...(calls && { tool_calls: calls.map(({ index: _, ...call }) => call) }),
      },
      logprobs: null,
      finish_reason: finishReasonOf(choice.finish_reason) ?? (calls ? 'tool_calls' : 'stop'),
    })
  }
  const usage = usageOf(json.usage)
  const { usage: _, ...rest } = json
  const completion = {
    ...rest,
    id,
    object: 'chat.completion',
    created: createdOf(json.created),
    model: typeof json.model === 'string' ? json.model : model,
    choices,
    ...(usage && { usage }),
  }
  return {
    type: 'completion',
    body: JSON.stringify(completion),
    usage: tokensOf(usage),
    producedBytes,
  }
}

function notACompletion(): CompletionResult {
  return {
    type: 'failure',
    error: new AppError(
      'upstream_error',
      'The AI service sent an answer that is not a completion.',
    ),
  }
}
