import * as z from 'zod'

/**
 * What Anthropic and Google answer, restated: https://docs.claude.com/en/api/messages,
 * https://docs.claude.com/en/docs/build-with-claude/streaming, https://docs.claude.com/en/api/errors and
 * https://ai.google.dev/api/generate-content, https://cloud.google.com/apis/design/errors.
 */

const count = z.int().nonnegative()
const toolId = z.string().regex(/^[a-zA-Z0-9_-]+$/)
const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.strictObject({
    type: z.literal('tool_use'),
    id: toolId,
    name: z.string().min(1),
    input: z.record(z.string(), z.unknown()),
  }),
])
const StopReason = z.enum([
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
])
const AnthropicUsage = z.strictObject({
  input_tokens: count,
  output_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  output_tokens_details: z.strictObject({ thinking_tokens: count }).optional(),
})
export const MessageAnswer = z.strictObject({
  id: z.string().startsWith('msg_'),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: z.string(),
  content: z.array(Block),
  stop_reason: StopReason.nullable(),
  stop_sequence: z.string().nullable(),
  usage: AnthropicUsage,
})
export const AnthropicError = z.strictObject({
  type: z.literal('error'),
  error: z.strictObject({
    type: z.enum([
      'invalid_request_error',
      'authentication_error',
      'billing_error',
      'permission_error',
      'not_found_error',
      'request_too_large',
      'rate_limit_error',
      'api_error',
      'timeout_error',
      'overloaded_error',
    ]),
    message: z.string(),
    details: z.strictObject({ error_code: z.string() }).optional(),
  }),
  request_id: z.string(),
})
const Delta = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text_delta'), text: z.string() }),
  z.strictObject({ type: z.literal('input_json_delta'), partial_json: z.string() }),
  z.strictObject({ type: z.literal('thinking_delta'), thinking: z.string() }),
  z.strictObject({ type: z.literal('signature_delta'), signature: z.string() }),
])
/** One event of a streamed message. */
export const MessageEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('message_start'), message: MessageAnswer }),
  z.strictObject({ type: z.literal('content_block_start'), index: count, content_block: Block }),
  z.strictObject({ type: z.literal('content_block_delta'), index: count, delta: Delta }),
  z.strictObject({ type: z.literal('content_block_stop'), index: count }),
  z.strictObject({
    type: z.literal('message_delta'),
    delta: z.strictObject({ stop_reason: StopReason, stop_sequence: z.string().nullable() }),
    usage: AnthropicUsage,
  }),
  z.strictObject({ type: z.literal('message_stop') }),
  z.strictObject({ type: z.literal('ping') }),
  AnthropicError,
])

const Part = z.union([
  z.strictObject({ text: z.string(), thought: z.literal(true).optional() }),
  z.strictObject({
    functionCall: z.strictObject({
      id: z.string(),
      name: z.string().min(1),
      args: z.record(z.string(), z.unknown()),
    }),
    thoughtSignature: z.string().optional(),
  }),
  z.strictObject({
    inlineData: z.looseObject({ mimeType: z.string(), data: z.string() }),
    thoughtSignature: z.string().optional(),
  }),
])
/** Whole, or a chunk of a stream. */
export const GenerateAnswer = z.looseObject({
  candidates: z.array(
    z.looseObject({
      content: z.strictObject({ role: z.literal('model'), parts: z.array(Part).min(1) }).optional(),
      finishReason: z
        .enum(['STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'OTHER', 'MALFORMED_FUNCTION_CALL'])
        .optional(),
      index: count.optional(),
    }),
  ),
  usageMetadata: z
    .looseObject({
      promptTokenCount: count,
      candidatesTokenCount: count.optional(),
      totalTokenCount: count,
      thoughtsTokenCount: count.optional(),
      cachedContentTokenCount: count.optional(),
    })
    .optional(),
  modelVersion: z.string().optional(),
  responseId: z.string().optional(),
})
export const GoogleError = z.strictObject({
  error: z.strictObject({
    code: z.int().min(400).max(599),
    message: z.string(),
    status: z.string().regex(/^[A-Z_]+$/),
    details: z
      .array(z.looseObject({ '@type': z.string().startsWith('type.googleapis.com/') }))
      .optional(),
  }),
})

const ANSWERS: readonly [RegExp, z.ZodType, z.ZodType][] = [
  [/^\/v1\/messages$/, MessageAnswer, AnthropicError],
  [/^\/v1\/messages\/count_tokens$/, z.strictObject({ input_tokens: count }), AnthropicError],
  [/^\/v1(beta)?\/models\/.+:generateContent$/, GenerateAnswer, GoogleError],
  [
    /^\/v1(beta)?\/models\/.+:streamGenerateContent$/,
    z.union([GenerateAnswer, z.array(GenerateAnswer)]),
    GoogleError,
  ],
  [/^\/v1(beta)?\/models\/.+:countTokens$/, z.strictObject({ totalTokens: count }), GoogleError],
]

/** How a JSON answer differs from what the vendor of its path answers; null if it does not, or is nobody's here. */
export function deviationFromVendor(path: string, status: number, text: string): string | null {
  const known = ANSWERS.find(([pattern]) => pattern.test(path))
  if (!known) return null
  const [, good, bad] = known
  try {
    const { error } = (status < 400 ? good : bad).safeParse(JSON.parse(text))
    return error ? z.prettifyError(error) : null
  } catch {
    return 'no JSON'
  }
}
