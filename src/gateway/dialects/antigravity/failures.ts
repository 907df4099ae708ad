import { AppError } from '../../../errors.ts'
import { parseJson } from '../../../platform/json.ts'
import { errorMessageOf, isObject, MAX_MESSAGE } from '../fields.ts'

/** Names that the plug-in gives to failures, alone or inside a longer text. */
export const EXHAUSTED = 'RESOURCE_EXHAUSTED'
const ILLEGAL_PROMPT = 'ILLEGAL_PROMPT'
const IMAGE_TOO_LARGE = 'IMAGE_INPUT_EXCEEDED_MAXIMUM_5_MB'

/** @param retryAfterSeconds when there is something left again; absent: nobody said */
export function exhausted(retryAfterSeconds?: number): AppError {
  return new AppError(
    'insufficient_quota',
    'The AI accounts that serve this model are exhausted. Try again later, or use another model.',
    retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
  )
}

/** The plug-in keeps a count of its own; no account is to blame for it. */
export function poolRaised(): AppError {
  return new AppError(
    'service_unavailable',
    "The AI service's own count of what you have drawn was behind and has been set right. Try again.",
    { retryAfterSeconds: 1 },
  )
}

export function poolClosed(): AppError {
  return new AppError(
    'insufficient_quota',
    "The AI service's own count of what you have drawn is used up for this model, and can be set right only while an account that you lend has quota left of it. See GET /api/plugin-api/accounts.",
  )
}

export function unknownModel(): AppError {
  return new AppError(
    'model_not_found',
    'The model does not exist or you do not have access to it.',
    { param: 'model' },
  )
}

export function brokenOff(): AppError {
  return new AppError('upstream_error', 'The AI service broke the answer off.')
}

export function upstreamFailed(status?: number): AppError {
  const said = status === undefined ? '' : ` (status ${status})`
  return new AppError('upstream_error', `The AI service failed${said}. Try again in a moment.`)
}

/**
 * What the text of a failed upstream call means. It is a name of the plug-in's, or what the AI
 * vendor answered: Google's error object as JSON text.
 *
 * @returns undefined where neither says anything; other texts are prose that nobody should parse
 */
export function failureIn(text: string): AppError | undefined {
  if (text.includes(EXHAUSTED)) return exhausted()
  if (text.includes(ILLEGAL_PROMPT))
    return new AppError('content_refused', 'The model refused this content.', {
      openaiCode: 'content_policy_violation',
    })
  if (text.includes(IMAGE_TOO_LARGE))
    return new AppError('invalid_request', 'An image may have at most 5 MB.', { param: 'messages' })
  const vendor = vendorError(text)
  return vendor && explainVendor(vendor.code, vendor.message)
}

function vendorError(text: string): { code: number; message: string } | undefined {
  const json = parseJson(text.trim())
  if (!isObject(json) || !isObject(json.error)) return undefined
  const { code } = json.error
  return typeof code === 'number'
    ? { code, message: (errorMessageOf(json) ?? '').slice(0, MAX_MESSAGE) }
    : undefined
}

function explainVendor(code: number, message: string): AppError {
  if (code === 400) {
    // The vendor speaks English; what is in Chinese is the plug-in's.
    const isReadable = message !== '' && !/\p{Script=Han}/u.test(message)
    return new AppError(
      'invalid_request',
      isReadable ? message : 'The AI service refused the request.',
    )
  }
  if (code === 404) return unknownModel()
  if (code === 429) return exhausted()
  return upstreamFailed(code)
}
