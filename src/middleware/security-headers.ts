import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { addHeaders, type HeaderLine } from '../platform/http/headers.ts'

const POLICY = 'content-security-policy'

/** Adds protective headers, unless whoever made the answer gave it them; a page's own policy stays. */
export function securityHeaders(lines: readonly HeaderLine[]): MiddlewareHandler<AppEnv> {
  const withoutPolicy = lines.filter(([name]) => name !== POLICY)
  return async (c, next) => {
    await next()
    const { headers } = c.res
    if (headers.has('x-content-type-options')) return
    addHeaders(c, headers.has(POLICY) ? withoutPolicy : lines)
  }
}
