import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { AppEnv } from '../app-env.ts'

/**
 * Headers that keep browsers from doing what nobody asked for. API answers are never documents, so
 * that their policy forbids everything; a page brings a policy of its own.
 */
export const securityHeaders: MiddlewareHandler<AppEnv> = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  strictTransportSecurity: 'max-age=63072000; includeSubDomains',
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // Set where a client of another origin is allowed to read the answer.
  crossOriginResourcePolicy: false,
})
