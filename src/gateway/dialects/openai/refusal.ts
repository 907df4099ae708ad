import type { Ctx } from '../../../context.ts'
import { AppError, type ErrorCode } from '../../../errors.ts'
import { parseJson } from '../../../platform/json.ts'
import type { Refusal } from '../dialect.ts'
import { errorMessageOf, isObject, MAX_MESSAGE } from '../fields.ts'

/** Statuses that speak about the request itself, and are therefore the client's to know. */
const CLIENT_ERRORS: Record<number, ErrorCode> = {
  400: 'invalid_request',
  404: 'model_not_found',
  413: 'payload_too_large',
  422: 'invalid_request',
}

/** What an error status of the server means. Its 401 and 403 concern the operator's key, not the client's. */
export async function explainRefusal(
  ctx: Ctx,
  { status, headers, text }: Refusal,
): Promise<AppError> {
  const json = parseJson(text)
  const message = errorMessageOf(json)?.slice(0, MAX_MESSAGE)
  const fields = errorFields(json)
  const clientError = CLIENT_ERRORS[status]
  if (clientError && message) return new AppError(clientError, message, fields)
  if (status === 429) {
    return new AppError(
      fields.openaiCode === 'insufficient_quota' ? 'insufficient_quota' : 'rate_limited',
      message ?? 'The AI service has too much to do. Try again later.',
      { retryAfterSeconds: retryAfterOf(headers) },
    )
  }
  if (status === 401 || status === 403) {
    ctx.logger.log('error', 'upstream_key_refused', { request_id: ctx.requestId, status })
  }
  if (status === 408 || status === 504) {
    return new AppError('upstream_timeout', 'The AI service did not answer in time.')
  }
  return failed(status)
}

/** An error object inside a stream. */
export function explainEvent(json: unknown): AppError {
  const message = errorMessageOf(json)?.slice(0, MAX_MESSAGE)
  const fields = errorFields(json)
  const code = isObject(json) && isObject(json.error) ? Number(json.error.code) : Number.NaN
  if (fields.openaiCode === 'insufficient_quota') {
    return new AppError('insufficient_quota', message, { retryAfterSeconds: 60 })
  }
  if (code === 429) return new AppError('rate_limited', message, { retryAfterSeconds: 60 })
  if (code === 400 && message) return new AppError('invalid_request', message, fields)
  return new AppError('upstream_error', message ?? 'The AI service failed. Try again in a moment.')
}

function errorFields(json: unknown): { param?: string; openaiCode?: string } {
  if (!isObject(json) || !isObject(json.error)) return {}
  const { param, code } = json.error
  return {
    ...(typeof param === 'string' && { param }),
    ...(typeof code === 'string' && { openaiCode: code }),
  }
}

function retryAfterOf(headers: Headers): number {
  const seconds = Number(headers.get('retry-after'))
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 60
}

function failed(status: number): AppError {
  return new AppError(
    'upstream_error',
    `The AI service failed (status ${status}). Try again in a moment.`,
  )
}
