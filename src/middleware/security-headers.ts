import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { addHeaders, PROTECTIVE_HEADERS } from '../platform/http/headers.ts'

const POLICY = 'content-security-policy'
const WITHOUT_POLICY = PROTECTIVE_HEADERS.filter(([name]) => name !== POLICY)

/** The protective headers, unless whoever made the answer gave it them; a page's own policy stays. */
export const securityHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next()
  const { headers } = c.res
  if (headers.has('x-permitted-cross-domain-policies')) return
  addHeaders(c, headers.has(POLICY) ? WITHOUT_POLICY : PROTECTIVE_HEADERS)
}
