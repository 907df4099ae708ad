import { type AppError, ERROR_KINDS } from './errors.ts'

/** What is said of a failure on each face that clients talk to. */

/** RFC 9457 problem details, with FastAPI's `detail` and our stable `code`. */
export function toProblem(error: AppError, requestId: string) {
  return {
    type: 'about:blank',
    title: ERROR_KINDS[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    ...(error.errors && { errors: error.errors }),
  }
}

/** OpenAI's error object: https://platform.openai.com/docs/guides/error-codes. */
export function toOpenAIError(error: AppError) {
  const isPlainCode = error.code === 'validation_failed' || error.code === 'malformed_request'
  return {
    error: {
      message: error.message,
      type: error.openaiType ?? (ERROR_KINDS[error.code].openaiType as string),
      param: error.param ?? error.errors?.[0]?.path ?? null,
      code: error.openaiCode ?? (isPlainCode ? null : (error.code as string)),
    },
  }
}

/** Names of Google's error space (google.rpc.Code) by HTTP status. */
const GOOGLE_STATUS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  413: 'INVALID_ARGUMENT',
  415: 'INVALID_ARGUMENT',
  422: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** Google's error object, for `/v1beta`: https://cloud.google.com/apis/design/errors#http_mapping. */
export function toGoogleError(error: AppError) {
  const details = googleDetails(error)
  return {
    error: {
      code: error.status,
      message: error.message,
      status: GOOGLE_STATUS[error.status] ?? 'UNKNOWN',
      ...(details.length > 0 && { details }),
    },
  }
}

/**
 * When to come back, and whether at all: Gemini CLI asks ten times for what says neither, and takes a used-up
 * quota for the end only from Google's own domain.
 */
function googleDetails(error: AppError): object[] {
  const seconds = error.headers['retry-after']
  const info = (type: string, fields: object) => ({
    '@type': `type.googleapis.com/google.rpc.${type}`,
    ...fields,
  })
  return [
    ...(error.code === 'insufficient_quota'
      ? [
          info('ErrorInfo', {
            reason: 'QUOTA_EXHAUSTED',
            domain: 'cloudcode-pa.googleapis.com',
          }),
        ]
      : []),
    ...(seconds === undefined ? [] : [info('RetryInfo', { retryDelay: `${seconds}s` })]),
  ]
}

/** Nobody sits and waits for longer. */
const LASTING_SECONDS = 60

/**
 * OpenAI's error object, for `/v1/responses`: a quota that is used up, or a limit that lasts, is said as
 * ChatGPT does, since Codex then says when it is over; else it waits in silence, however long.
 *
 * @param now milliseconds since the epoch
 */
export function toResponsesError(error: AppError, now: number) {
  const said = toOpenAIError(error)
  const seconds = error.headers['retry-after']
  const isLasting = error.status === 429 && Number(seconds ?? 0) > LASTING_SECONDS
  if (error.code !== 'insufficient_quota' && !isLasting) return said
  return {
    error: {
      ...said.error,
      type: 'usage_limit_reached',
      plan_type: 'unknown',
      ...(seconds !== undefined && { resets_at: Math.ceil(now / 1000 + Number(seconds)) }),
    },
  }
}

/** Anthropic's kinds of errors by HTTP status: https://docs.claude.com/en/api/errors. */
const ANTHROPIC_TYPES: Record<number, string> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** Anthropic's error object, for `/v1/messages`. */
export function toAnthropicError(error: AppError, requestId: string) {
  const other = error.status >= 500 ? 'api_error' : 'invalid_request_error'
  return {
    type: 'error' as const,
    error: {
      type: ANTHROPIC_TYPES[error.status] ?? other,
      message: error.message,
      ...(error.anthropicDetails && { details: error.anthropicDetails }),
    },
    request_id: requestId,
  }
}

/** RFC 6749 §5.2. */
export function toOAuthError(error: AppError) {
  return { error: ERROR_KINDS[error.code].oauth, error_description: error.message }
}
