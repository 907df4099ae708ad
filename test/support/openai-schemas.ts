import * as z from 'zod'

/**
 * What OpenAI publishes about its answers, restated: https://github.com/openai/openai-openapi,
 * schemas CreateChatCompletionResponse, CreateChatCompletionStreamResponse, CompletionUsage,
 * ChatCompletionMessageToolCall(Chunk), ErrorResponse and ListModelsResponse. Fields that the
 * document requires are required here, `nullable` is nullable, enumerations are complete.
 */

const finishReason = z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call'])
const seconds = z.int().min(1_000_000_000).max(9_999_999_999)

export const Usage = z.object({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative(),
  total_tokens: z.int().nonnegative(),
})

const ToolCall = z.object({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.object({ name: z.string().min(1), arguments: z.string() }),
})

export const Completion = z.object({
  id: z.string().min(1),
  object: z.literal('chat.completion'),
  created: seconds,
  model: z.string().min(1),
  choices: z.array(
    z.object({
      index: z.int(),
      finish_reason: finishReason,
      logprobs: z.object({}).nullable(),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.string().nullable(),
        tool_calls: z.array(ToolCall).optional(),
      }),
    }),
  ),
  usage: Usage.optional(),
})

export const Chunk = z.object({
  id: z.string().min(1),
  object: z.literal('chat.completion.chunk'),
  created: seconds,
  model: z.string().min(1),
  choices: z.array(
    z.object({
      index: z.int(),
      finish_reason: finishReason.nullable(),
      delta: z.object({
        role: z.enum(['developer', 'system', 'user', 'assistant', 'tool']).optional(),
        content: z.string().nullish(),
        tool_calls: z
          .array(
            z.object({
              index: z.int(),
              id: z.string().min(1).optional(),
              type: z.literal('function').optional(),
              function: z
                .object({ name: z.string().optional(), arguments: z.string().optional() })
                .optional(),
            }),
          )
          .optional(),
      }),
    }),
  ),
  usage: Usage.nullish(),
})

export const ErrorAnswer = z.object({
  error: z.object({
    message: z.string().min(1),
    type: z.string().min(1),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
})

export const ModelAnswer = z.object({
  id: z.string().min(1),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
})

export const ModelListAnswer = z.object({ object: z.literal('list'), data: z.array(ModelAnswer) })

/** What is answered on success, by path; all else below `/v1` is an error. */
const ANSWERS: readonly [RegExp, z.ZodType][] = [
  [/^(\/v1)*\/chat\/completions\/?$/, Completion],
  [/^(\/v1)+\/models\/?$/, ModelListAnswer],
  [/^(\/v1)+\/models\/[^/]+\/?$/, ModelAnswer],
]

/** How a JSON answer differs from what OpenAI answers there; null if it does not, or the path is none of OpenAI's. */
export function deviationFromOpenAI(path: string, status: number, text: string): string | null {
  const schema = ANSWERS.find(([pattern]) => pattern.test(path))?.[1]
  const isTheirs =
    path.startsWith('/v1/') && !path.includes('/v1beta/') && !/^\/v1\/messages(\/|$)/.test(path)
  if (!schema && !isTheirs) return null
  const expected = status < 400 && schema ? schema : ErrorAnswer
  try {
    const { error } = expected.safeParse(JSON.parse(text))
    return error ? z.prettifyError(error) : null
  } catch {
    return 'no JSON'
  }
}
