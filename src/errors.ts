import { OAUTH_ERROR_KINDS } from './oauth-errors.ts'

/**
 * The one vocabulary of failures. A verb throws an `AppError` with one of these codes; `error-forms.ts`
 * turns it into the wire format of the face that the client talks to.
 */

interface ErrorKind {
  /** HTTP status. */
  status: number
  /** Short, constant English title (RFC 9457 §3.1.3). */
  title: string
  /** `error.type` on the OpenAI-compatible face. */
  openaiType:
    | 'invalid_request_error'
    | 'authentication_error'
    | 'permission_error'
    | 'rate_limit_error'
    | 'insufficient_quota'
    | 'server_error'
    | 'upstream_error'
  /** `error` on the OAuth face (RFC 6749 §4.1.2.1, §5.2). */
  oauth: string
}

const kind = (
  status: number,
  title: string,
  openaiType: ErrorKind['openaiType'],
  oauth = 'invalid_request',
): ErrorKind => ({ status, title, openaiType, oauth })

export const ERROR_KINDS = {
  ...OAUTH_ERROR_KINDS,
  invalid_client: kind(401, 'Unknown client', 'authentication_error', 'invalid_client'),
  malformed_request: kind(400, 'The request is malformed', 'invalid_request_error'),
  validation_failed: kind(422, 'Some fields are not valid', 'invalid_request_error'),
  invalid_one_time_token: kind(400, 'The link does not work any more', 'invalid_request_error'),
  invalid_code: kind(400, 'The code is wrong', 'invalid_request_error', 'invalid_grant'),
  invalid_request: kind(400, 'The request is not valid', 'invalid_request_error'),
  not_authenticated: kind(401, 'Sign-in required', 'authentication_error', 'invalid_token'),
  invalid_credentials: kind(401, 'Wrong name or password', 'authentication_error', 'invalid_grant'),
  invalid_token: kind(
    401,
    'Could not validate credentials',
    'authentication_error',
    'invalid_token',
  ),
  invalid_api_key: kind(401, 'Invalid API key', 'authentication_error', 'invalid_token'),
  account_disabled: kind(403, 'The account is disabled', 'permission_error', 'access_denied'),
  account_silenced: kind(403, 'The account is silenced', 'permission_error', 'access_denied'),
  registration_closed: kind(403, 'Registration is closed', 'permission_error', 'access_denied'),
  forbidden: kind(403, 'Not allowed', 'permission_error', 'access_denied'),
  insufficient_scope: kind(
    403,
    'The API key lacks a scope',
    'permission_error',
    'insufficient_scope',
  ),
  email_not_verified: kind(
    403,
    'The e-mail address is not confirmed',
    'permission_error',
    'access_denied',
  ),
  step_up_required: kind(403, 'Confirm that it is you', 'permission_error', 'access_denied'),
  fresh_login_required: kind(403, 'Sign in again first', 'permission_error', 'access_denied'),
  cross_site_request: kind(403, 'Refused across sites', 'permission_error', 'access_denied'),
  address_refused: kind(403, 'Not from this address', 'permission_error', 'access_denied'),
  no_account: kind(403, 'No AI account available', 'permission_error', 'access_denied'),
  not_found: kind(404, 'Not found', 'invalid_request_error'),
  model_not_found: kind(404, 'The model does not exist', 'invalid_request_error'),
  method_not_allowed: kind(405, 'Method not allowed', 'invalid_request_error'),
  conflict: kind(409, 'Conflict', 'invalid_request_error'),
  username_taken: kind(409, 'The username is taken', 'invalid_request_error'),
  email_taken: kind(409, 'The e-mail address is taken', 'invalid_request_error'),
  payload_too_large: kind(413, 'The request is too large', 'invalid_request_error'),
  unsupported_media_type: kind(
    415,
    'The body is of another type or encoding',
    'invalid_request_error',
  ),
  content_refused: kind(400, 'The content was refused', 'invalid_request_error'),
  login_expired: kind(400, 'The sign-in has expired', 'invalid_request_error', 'invalid_grant'),
  login_denied: kind(403, 'The sign-in was denied', 'permission_error', 'access_denied'),
  provider_not_configured: kind(404, 'No such sign-in provider', 'invalid_request_error'),
  identity_in_use: kind(409, 'The identity belongs to somebody else', 'invalid_request_error'),
  last_sign_in_method: kind(409, 'The last way to sign in', 'invalid_request_error'),
  rate_limited: kind(429, 'Too many requests', 'rate_limit_error', 'slow_down'),
  account_locked: kind(429, 'Too many failed attempts', 'rate_limit_error', 'slow_down'),
  insufficient_quota: kind(429, 'Quota exhausted', 'insufficient_quota', 'slow_down'),
  internal_error: kind(500, 'Internal error', 'server_error', 'server_error'),
  misconfigured: kind(500, 'The service is not configured', 'server_error', 'server_error'),
  upstream_error: kind(502, 'The AI service failed', 'upstream_error', 'server_error'),
  provider_failed: kind(502, 'The sign-in provider failed', 'server_error', 'server_error'),
  service_unavailable: kind(
    503,
    'Temporarily unavailable',
    'server_error',
    'temporarily_unavailable',
  ),
  plugin_not_configured: kind(
    503,
    'No AI service is configured',
    'server_error',
    'temporarily_unavailable',
  ),
  plugin_pending: kind(
    503,
    'Your AI account is being set up',
    'server_error',
    'temporarily_unavailable',
  ),
  upstream_timeout: kind(
    504,
    'The AI service did not answer in time',
    'upstream_error',
    'server_error',
  ),
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERROR_KINDS

/** One field that did not validate: a dotted path and what is wrong with it. */
export interface FieldError {
  path: string
  message: string
}

interface AppErrorOptions {
  /** Fields that did not validate. */
  errors?: FieldError[]
  /** Seconds for the `Retry-After` header. */
  retryAfterSeconds?: number
  /** Name of the offending parameter (`error.param` on the OpenAI-compatible face). */
  param?: string
  /** `error.code` on the OpenAI-compatible face where the AI service named a finer one than ours. */
  openaiCode?: string
  /** `error.type` likewise. */
  openaiType?: string
  /** `error.details` on Anthropic's face, by which its SDKs know what to do. */
  anthropicDetails?: Record<string, string>
  /** Further response headers. */
  headers?: Record<string, string>
  /** For the log only; never leaves the Worker. */
  cause?: unknown
}

/** A failure that the client is told about: `code` decides the status, `detail` is what a person reads. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly errors: FieldError[] | undefined
  readonly param: string | undefined
  readonly openaiCode: string | undefined
  readonly openaiType: string | undefined
  readonly anthropicDetails: Record<string, string> | undefined
  readonly headers: Record<string, string>

  constructor(code: ErrorCode, detail?: string, options: AppErrorOptions = {}) {
    super(detail ?? `${ERROR_KINDS[code].title}.`, { cause: options.cause })
    this.code = code
    this.errors = options.errors
    this.param = options.param
    this.openaiCode = options.openaiCode
    this.openaiType = options.openaiType
    this.anthropicDetails = options.anthropicDetails
    this.headers = { ...options.headers }
    if (options.retryAfterSeconds !== undefined) {
      this.headers['retry-after'] = String(Math.max(1, Math.ceil(options.retryAfterSeconds)))
    }
  }

  get status(): number {
    return ERROR_KINDS[this.code].status
  }
}

/** What was thrown where only a defect of ours throws anything else. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  return new AppError('internal_error', undefined, { cause: thrown })
}

/** A store or peer that is needed did not answer: 503 that asks to try again. */
export function unavailable(what: string, cause?: unknown): AppError {
  return new AppError(
    'service_unavailable',
    `${what} is temporarily unavailable. Try again in a moment.`,
    {
      retryAfterSeconds: 5,
      cause,
    },
  )
}
