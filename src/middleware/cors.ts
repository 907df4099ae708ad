import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { AppEnv } from '../app-env.ts'
import { MODEL_PATH } from '../platform/http/model-paths.ts'

/** What applications ask the provider, from pages as well: nothing there looks at a cookie. */
const PROVIDER_CALL =
  /^\/+(?:oauth\/(?:token|revoke|introspect|userinfo|jwks|par|register|device_authorization)|\.well-known\/|mcp)(?:\/|$)/

const allowMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const exposeHeaders = [
  'X-Request-Id',
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'RateLimit-Policy',
  'WWW-Authenticate',
  'Preference-Applied',
]
const OPENAI_HEADERS = [
  'X-Quota-Remaining',
  ...['requests', 'tokens'].flatMap((what) =>
    ['limit', 'remaining', 'reset'].map((name) => `x-ratelimit-${name}-${what}`),
  ),
]
/** What is left, for pages that speak with Anthropic's SDK or as Codex does. */
const POOL_HEADERS = [
  ...['used-percent', 'window-minutes', 'reset-at'].map((name) => `x-codex-primary-${name}`),
  ...['unified-5h-utilization', 'unified-5h-reset', 'tokens-limit', 'tokens-remaining'].map(
    (name) => `anthropic-ratelimit-${name}`,
  ),
  'retry-after-ms',
  'request-id',
]
const maxAge = 86_400

/** Cross-origin access for the origins in `CORS_ORIGINS`, with credentials. */
const forKnownOrigins: MiddlewareHandler<AppEnv> = cors({
  origin: (origin, c) => (c.get('ctx').config.CORS_ORIGINS.includes(origin) ? origin : null),
  credentials: true,
  allowMethods,
  exposeHeaders,
  maxAge,
})

/** Any page may call a model with a key that its user has given it, as it may at OpenAI's; and ask the provider. */
const forEveryOrigin: MiddlewareHandler<AppEnv> = cors({
  origin: '*',
  allowMethods: ['GET', 'HEAD', 'POST'],
  exposeHeaders: [...exposeHeaders, ...OPENAI_HEADERS, ...POOL_HEADERS],
  maxAge,
})

export const corsFromConfig: MiddlewareHandler<AppEnv> = (c, next) => {
  const origin = c.req.header('origin')
  const isOpen =
    // A model's only credential is a header that a page has to know, never a cookie.
    (MODEL_PATH.test(c.req.path) || PROVIDER_CALL.test(c.req.path)) &&
    !c.get('ctx').config.CORS_ORIGINS.includes(origin ?? '')
  // No page calls a model without saying where it comes from.
  if (isOpen && origin === undefined && c.req.method !== 'OPTIONS') return next()
  return (isOpen ? forEveryOrigin : forKnownOrigins)(c, next)
}
