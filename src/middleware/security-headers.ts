import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { AppEnv } from '../app-env.ts'

const POLICY = 'content-security-policy'

const strict: MiddlewareHandler<AppEnv> = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  strictTransportSecurity: 'max-age=63072000; includeSubDomains',
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // Which other origins may read an answer is for CORS to say.
  crossOriginResourcePolicy: false,
})

/**
 * Headers that keep browsers from doing what nobody asked for. API answers are never documents, so
 * that their policy forbids everything; a page brings a policy of its own, which stays.
 */
export const securityHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  let own: string | null = null
  await strict(c, async () => {
    await next()
    own = c.res.headers.get(POLICY)
  })
  if (own !== null) c.res.headers.set(POLICY, own)
}
