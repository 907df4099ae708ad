import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { AppEnv } from '../app-env.ts'

/** Cross-origin access for the origins in `CORS_ORIGINS`, with credentials. */
export const corsFromConfig: MiddlewareHandler<AppEnv> = cors({
  origin: (origin, c) => (c.get('ctx').config.CORS_ORIGINS.includes(origin) ? origin : null),
  credentials: true,
  allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  exposeHeaders: [
    'X-Request-Id',
    'Retry-After',
    'RateLimit-Limit',
    'RateLimit-Remaining',
    'RateLimit-Reset',
    'RateLimit-Policy',
    'WWW-Authenticate',
    'Preference-Applied',
  ],
  maxAge: 86_400,
})
