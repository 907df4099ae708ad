import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { AppEnv } from '../app-env.ts'
import { ConfigError } from '../config.ts'
import { isDatabaseOutage, sqlStateOf } from '../db/errors.ts'
import {
  toAnthropicError,
  toGoogleError,
  toOAuthError,
  toOpenAIError,
  toProblem,
  toResponsesError,
} from '../error-forms.ts'
import { AppError, unavailable } from '../errors.ts'
import { SecretBoxError } from '../platform/crypto/secret-box.ts'
import { errorFaceOf } from '../platform/http/error-face.ts'
import { ownAddress } from '../platform/http/own-address.ts'
import { errorName } from '../platform/logger.ts'
import { isRedisOutage, storeFailureOf } from '../store-failure.ts'

/** Whatever was thrown, as the one kind of failure that clients are told about. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (isDatabaseOutage(error)) return unavailable('The database', error)
  if (isRedisOutage(error)) return unavailable('The session store', error)
  if (error instanceof ConfigError)
    return new AppError('misconfigured', undefined, { cause: error })
  if (error instanceof SecretBoxError) return unreadable(error)
  if (error instanceof HTTPException && error.status === 400) {
    return new AppError('malformed_request', 'The body is not valid JSON.', { cause: error })
  }
  return new AppError(
    'internal_error',
    'Something went wrong on our side. Quote the request id when you report it.',
    {
      cause: error,
    },
  )
}

/** What is sealed was sealed with another key, or for somebody else: only the operator can help. */
function unreadable(cause: SecretBoxError): AppError {
  return new AppError(
    'misconfigured',
    'Something that is kept encrypted here does not open with the keys of this server. Its operator has to give PLUGIN_API_ENCRYPTION_KEY the old key again, behind the new one.',
    { cause },
  )
}

/** Hono's error handler: logs what the client must not see and encodes the rest for its face. */
export function answerError(thrown: Error, c: Context<AppEnv>): Response {
  const error = toAppError(thrown)
  logUnexpected(error, thrown, c)
  for (const [name, value] of Object.entries(error.headers)) c.header(name, value)
  for (const [name, value] of Object.entries(retryAdvice(error))) c.header(name, value)
  if (error.code === 'insufficient_scope' && c.req.path === '/mcp')
    c.header('www-authenticate', `${error.headers['www-authenticate']}${whereToAsk(c)}`)
  if (error.status === 401 && !error.headers['www-authenticate'])
    c.header('www-authenticate', challenge(error) + whereToAsk(c))
  return encode(error, c)
}

/** SDKs repeat every 429 by themselves, but wait only for a minute at most. */
const MAX_WAIT_SECONDS = 60

/** What vendors' SDKs read beside `Retry-After`; what is said already stays. */
function retryAdvice({ code, status, headers }: AppError): Record<string, string> {
  const seconds = headers['retry-after']
  if (status !== 429 || headers['x-should-retry'] !== undefined) return {}
  const isHopeless = code === 'insufficient_quota' || Number(seconds ?? 0) > MAX_WAIT_SECONDS
  return {
    ...(seconds !== undefined &&
      headers['retry-after-ms'] === undefined && {
        'retry-after-ms': String(Number(seconds) * 1000),
      }),
    ...(isHopeless && { 'x-should-retry': 'false' }),
  }
}

export function answerNotFound(c: Context<AppEnv>): Response {
  return encode(new AppError('not_found', `There is nothing at ${c.req.method} ${c.req.path}.`), c)
}

function encode(error: AppError, c: Context<AppEnv>): Response {
  const status = error.status as 500
  switch (errorFaceOf(c.req.path)) {
    case 'openai':
      return c.json(toOpenAIError(error), status)
    case 'responses':
      return c.json(toResponsesError(error, Date.now()), status)
    case 'anthropic':
      return c.json(toAnthropicError(error, c.get('requestId')), status, {
        'request-id': c.get('requestId'),
      })
    case 'google':
      return c.json(toGoogleError(error), status)
    case 'oauth':
      return c.json(toOAuthError(error), status)
    case 'problem':
      return c.json(toProblem(error, c.get('requestId')), status, {
        'content-type': 'application/problem+json',
      })
  }
}

/** RFC 6750 §3: no error code when no credential was sent at all. */
function challenge(error: AppError): string {
  const realm = 'Bearer realm="shared-accounts"'
  if (error.code === 'not_authenticated' || error.code === 'invalid_credentials') return realm
  return `${realm}, error="invalid_token"`
}

/** RFC 9728 §5.1: MCP hosts learn from a refusal where to get a token. */
function whereToAsk(c: Context<AppEnv>): string {
  if (c.req.path !== '/mcp') return ''
  const base = ownAddress(c.get('ctx').config, c.req.url)
  return `, resource_metadata="${base}/.well-known/oauth-protected-resource/mcp"`
}

function logUnexpected(error: AppError, thrown: Error, c: Context<AppEnv>): void {
  if (error.status < 500) return
  // Their messages are of our own making, and name no secret.
  const problem =
    thrown instanceof ConfigError || thrown instanceof SecretBoxError ? thrown.message : undefined
  const cause = error.cause ?? thrown
  const fields = {
    request_id: c.get('requestId'),
    code: error.code,
    error: errorName(cause),
    sqlstate: sqlStateOf(cause),
    ...storeFailureOf(cause),
    where: placeOf(cause),
    problem,
  }
  const logger = c.get('ctx')?.logger
  if (logger) logger.log('error', 'request_failed', fields)
  else reportWithoutContext(fields)
}

function reportWithoutContext(fields: Record<string, unknown>): void {
  // biome-ignore lint/suspicious/noConsole: the configuration that the logger needs is what is broken
  console.log(JSON.stringify({ level: 'error', event: 'request_failed', ...fields }))
}

/** File, line and column where it was thrown: of the stack no more, and of the message nothing. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined
  return /([\w.-]+\.[jt]sx?:\d+:\d+)/.exec(stack?.match(/^\s+at .*$/m)?.[0] ?? '')?.[1]
}
