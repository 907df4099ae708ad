import type { Ctx } from '../../../context.ts'
import { AppError, type ErrorCode } from '../../../errors.ts'
import type { Refusal } from '../dialect.ts'
import type { JsonObject } from '../fields.ts'
import { readError, type SaidError } from './error-shape.ts'
import { retryHeaders } from './retry-headers.ts'

export { isError } from './error-shape.ts'

/** Statuses of a request's own fault that have a name of their own here; all others are `invalid_request`. */
const CLIENT_ERRORS: Record<number, ErrorCode> = {
  409: 'conflict',
  410: 'model_not_found',
  413: 'payload_too_large',
  451: 'content_refused',
}
/** Names that OpenAI gives to what is wrong with a request: https://platform.openai.com/docs/guides/error-codes. */
const CLIENT_CODE =
  /context_length|content_(policy|filter)|model_not_found|^invalid_|unsupported_|^string_above|^missing_|^integer_/
/** What other servers call the same, inside of answers that are no refusals by their status. */
const CLIENT_NAME = /invalid_?(request|param|argument)|bad_?request|validation|DataInspection/i
const RATE_NAME = /rate_?limit|throttling/i
const QUOTA = /^(insufficient_quota|billing_not_active|billing_hard_limit_reached)$/
const REFUSED_CONTENT = /content_(policy|filter)|moderation|safety/
const SPEAKS_OF_MODEL = /model|deployment|engine/i
const OPENAI_CODE = /^[a-z][a-z0-9_]*$/
const OPENAI_RATE_CODES: readonly string[] = [
  'rate_limit_exceeded',
  'slow_down',
  'engine_overloaded',
]
const OPENAI_TYPES: readonly string[] = ['requests', 'tokens']

/**
 * What an error status of the server means. The status alone decides whose fault it is; the text
 * only says it. 401 and 403 concern the operator's key, and 402 the operator's bill.
 */
export async function explainRefusal(
  ctx: Ctx,
  { status, headers, text, model }: Refusal,
): Promise<AppError> {
  if (status === 401 || status === 403) {
    ctx.logger.log('error', 'upstream_key_refused', { request_id: ctx.requestId, status })
  }
  const said = readError(text)
  const retry = retryHeaders(headers, said, ctx.clock.now())
  const isNamed = model !== null && model.length > 2 && (said.message ?? '').includes(model)
  return explain(status, said, retry, isNamed)
}

/** An error inside an answer that was none by its status: what it calls itself decides. */
export function explainEvent(json: JsonObject): AppError {
  const said = readError(json)
  const { code = '', type = '' } = said
  const isClients = CLIENT_CODE.test(code) || CLIENT_NAME.test(`${code} ${type}`)
  const isBusy = OPENAI_RATE_CODES.includes(code) || RATE_NAME.test(`${code} ${type}`)
  const status = said.status ?? (isClients ? 400 : isBusy || QUOTA.test(code || type) ? 429 : 500)
  return explain(status, said, retryHeaders(null, said, 0))
}

/** @param isNamed the message names the model that was asked for */
function explain(
  status: number,
  said: SaidError,
  retry: Record<string, string>,
  isNamed = false,
): AppError {
  const { message, code, type, param } = said
  if (status === 402 || (status === 429 && [code, type].some((name) => QUOTA.test(name ?? '')))) {
    const { 'retry-after': _, 'retry-after-ms': __, ...headers } = retry
    return new AppError('insufficient_quota', message, { headers })
  }
  if (status === 429) {
    return new AppError(
      'rate_limited',
      message ?? 'The AI service has too much to do. Try again later.',
      {
        headers: retry,
        ...(code && OPENAI_RATE_CODES.includes(code) && { openaiCode: code }),
        ...(type && OPENAI_TYPES.includes(type) && { openaiType: type }),
      },
    )
  }
  if (status === 408 || status === 504) {
    return new AppError('upstream_timeout', 'The AI service did not answer in time.', {
      headers: retry,
    })
  }
  const isRefusedContent = REFUSED_CONTENT.test(`${code} ${type}`)
  if (status === 401 || (status === 403 && !isRefusedContent)) return operatorsFault(status)
  if (status >= 500) return failed(status, message, retry)
  const isWrongAddress =
    status === 404
      ? !isNamed && !SPEAKS_OF_MODEL.test(`${message} ${code} ${param}`)
      : status === 405 || status < 400
  if (isWrongAddress) return operatorsFault(status)
  const known = status === 404 ? 'model_not_found' : CLIENT_ERRORS[status]
  return new AppError(
    isRefusedContent ? 'content_refused' : (known ?? 'invalid_request'),
    message ?? `The AI service refused the request (status ${status}).`,
    {
      headers: status === 409 ? { 'x-should-retry': 'false', ...retry } : {},
      ...(param && { param }),
      ...(code && OPENAI_CODE.test(code) && { openaiCode: code }),
    },
  )
}

/** Repeating it is of no use until somebody has looked at the configuration. */
function operatorsFault(status: number): AppError {
  const what =
    status === 401 || status === 403
      ? 'refused the key of this service'
      : 'has nothing at the address that this service is configured for'
  return new AppError(
    'upstream_error',
    `The AI service ${what} (status ${status}). Tell whoever runs it.`,
    { headers: { 'x-should-retry': 'false' } },
  )
}

function failed(status: number, message: string | undefined, headers: Record<string, string>) {
  return new AppError(
    'upstream_error',
    message ?? `The AI service failed (status ${status}). Try again in a moment.`,
    { headers },
  )
}
