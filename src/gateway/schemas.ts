import * as z from 'zod'

/** Names that servers have for how much a model takes; those that they send pass through. */
export const MODEL_SIZES = [
  'context_length',
  'context_window',
  'max_model_len',
  'max_context_length',
  'max_input_tokens',
  'max_output_tokens',
  'max_completion_tokens',
] as const

const size = z.int().nonnegative().optional()

/** https://platform.openai.com/docs/api-reference/models/object */
export const Model = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    context_length: size,
    context_window: size,
    max_model_len: size,
    max_context_length: size,
    max_input_tokens: size,
    max_output_tokens: size,
    max_completion_tokens: size,
  })
  .meta({ id: 'Model' })

export const ModelList = z
  .object({ object: z.literal('list'), data: z.array(Model) })
  .meta({ id: 'ModelList' })

/** https://platform.openai.com/docs/api-reference/chat/create, as far as the gateway reads it. */
export const ChatCompletionRequest = z
  .looseObject({
    model: z.string(),
    messages: z.array(z.looseObject({ role: z.string() })),
    stream: z.boolean().nullish().describe('Server-sent events when true; false when omitted.'),
    stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  })
  .meta({
    id: 'ChatCompletionRequest',
    description: "OpenAI's request; fields that are not named here pass through.",
  })

/** https://platform.openai.com/docs/api-reference/chat/object */
export const ChatCompletion = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({ role: z.literal('assistant'), content: z.string().nullish() }),
        finish_reason: z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call']),
      }),
    ),
    usage: z
      .looseObject({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() })
      .optional(),
  })
  .meta({ id: 'ChatCompletion' })

/** https://ai.google.dev/api/generate-content, as far as it is read first. */
export const GenerateContentRequest = z
  .looseObject({
    contents: z.array(z.looseObject({ parts: z.array(z.looseObject({})) })),
    generationConfig: z.looseObject({}).optional(),
  })
  .meta({ id: 'GenerateContentRequest' })

/** https://ai.google.dev/api/models, as far as we know it. */
export const GeminiModel = z
  .object({
    name: z.string(),
    baseModelId: z.string(),
    version: z.string(),
    displayName: z.string(),
    supportedGenerationMethods: z.array(z.string()),
  })
  .meta({ id: 'GeminiModel' })

export const GeminiModelList = z
  .object({ models: z.array(GeminiModel) })
  .meta({ id: 'GeminiModelList' })

/** https://docs.claude.com/en/api/models-list */
export const AnthropicModel = z
  .object({
    type: z.literal('model'),
    id: z.string(),
    display_name: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'AnthropicModel' })

export const AnthropicModelList = z
  .object({
    data: z.array(AnthropicModel),
    has_more: z.literal(false),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  })
  .meta({ id: 'AnthropicModelList' })

/** https://github.com/openai/codex, `ModelsResponse`, as far as it has to be there. */
export const CodexModelList = z
  .object({
    models: z.array(
      z.object({
        slug: z.string(),
        display_name: z.string(),
        description: z.null(),
        supported_reasoning_levels: z.array(z.never()),
        shell_type: z.literal('default'),
        visibility: z.literal('list'),
        supported_in_api: z.boolean(),
        priority: z.int(),
        base_instructions: z.string(),
        truncation_policy: z.object({ mode: z.literal('tokens'), limit: z.int() }),
        support_verbosity: z.boolean(),
        supports_reasoning_summaries: z.boolean(),
        supports_parallel_tool_calls: z.boolean(),
        experimental_supported_tools: z.array(z.never()),
        context_window: z.int().nullable(),
      }),
    ),
  })
  .meta({ id: 'CodexModelList' })

export const GenerateContentAnswer = z
  .looseObject({
    candidates: z.array(
      z.looseObject({
        content: z.looseObject({ role: z.string(), parts: z.array(z.looseObject({})) }).optional(),
        finishReason: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'GenerateContentAnswer' })
