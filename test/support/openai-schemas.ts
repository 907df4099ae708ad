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

/** https://platform.openai.com/docs/api-reference/responses/object */
export const ResponseAnswer = z.object({
  id: z.string().startsWith('resp_'),
  object: z.literal('response'),
  created_at: seconds,
  status: z.enum(['completed', 'incomplete']),
  error: z.null(),
  incomplete_details: z
    .object({ reason: z.enum(['max_output_tokens', 'content_filter']) })
    .nullable(),
  model: z.string().min(1),
  output: z.array(
    z.discriminatedUnion('type', [
      z.object({
        type: z.literal('message'),
        id: z.string().min(1),
        status: z.literal('completed'),
        role: z.literal('assistant'),
        content: z.array(
          z.object({
            type: z.literal('output_text'),
            text: z.string(),
            annotations: z.array(z.never()),
          }),
        ),
      }),
      z.object({
        type: z.literal('reasoning'),
        id: z.string().min(1),
        summary: z.array(z.object({ type: z.literal('summary_text'), text: z.string() })),
        encrypted_content: z.string().optional(),
      }),
      z.object({
        type: z.literal('function_call'),
        id: z.string().min(1),
        status: z.literal('completed'),
        call_id: z.string().min(1),
        name: z.string().min(1),
        arguments: z.string().min(2),
      }),
      z.object({
        type: z.literal('custom_tool_call'),
        id: z.string().min(1),
        call_id: z.string().min(1),
        name: z.string().min(1),
        input: z.string(),
      }),
    ]),
  ),
  usage: z
    .object({
      input_tokens: z.int(),
      input_tokens_details: z.object({ cached_tokens: z.int() }),
      output_tokens: z.int(),
      output_tokens_details: z.object({ reasoning_tokens: z.int() }),
      total_tokens: z.int(),
    })
    .nullable(),
  parallel_tool_calls: z.boolean(),
  tool_choice: z.union([z.string(), z.looseObject({})]),
  tools: z.array(z.looseObject({ type: z.string() })),
  store: z.literal(false),
})

/** The same in the form of Anthropic or Google, for whoever asks as their SDKs do. */
const OtherModel = z.union([
  z.object({ type: z.literal('model'), id: z.string(), display_name: z.string() }),
  z.object({ name: z.string().startsWith('models/') }),
])
const OtherList = z.union([
  z.object({ data: z.array(OtherModel), has_more: z.boolean() }),
  z.object({ models: z.array(OtherModel) }),
  // Codex'.
  z.object({ models: z.array(z.object({ slug: z.string(), base_instructions: z.string() })) }),
])

/** No call of OpenAI's: what switchers of providers read. */
const UsageAnswer = z.object({ isValid: z.boolean(), remaining: z.number(), unit: z.string() })

/** What is answered on success, by path; all else below `/v1` is an error. */
const ANSWERS: readonly [RegExp, z.ZodType][] = [
  [/^(\/v1)*\/chat\/completions\/?$/, Completion],
  [/^\/v1\/responses$/, ResponseAnswer],
  [/^\/v1\/usage$/, UsageAnswer],
  [/^(\/v1)+\/models\/?$/, z.union([ModelListAnswer, OtherList])],
  [/^(\/v1)+\/models\/[^/:]+\/?$/, z.union([ModelAnswer, OtherModel])],
]

/** Below `/v1` too, and in the form of other vendors. */
const OTHERS = /\/v1beta\/|^\/v1\/messages(\/|$)|^\/v1\/models\/.+:\w+$/

/** How a JSON answer differs from what OpenAI answers there; null if it does not, or the path is none of OpenAI's. */
export function deviationFromOpenAI(path: string, status: number, text: string): string | null {
  const schema = ANSWERS.find(([pattern]) => pattern.test(path))?.[1]
  const isTheirs = path.startsWith('/v1/') && !OTHERS.test(path)
  if (!schema && !isTheirs) return null
  const expected = status < 400 && schema ? schema : ErrorAnswer
  try {
    const { error } = expected.safeParse(JSON.parse(text))
    return error ? z.prettifyError(error) : null
  } catch {
    return 'no JSON'
  }
}
