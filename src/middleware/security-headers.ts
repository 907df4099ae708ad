import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { addHeaders, type HeaderLine } from '../platform/http/headers.ts'

/** What an answer may have of its own, and then keeps. */
const OWN = ['content-security-policy', 'cache-control']

/** Adds protective headers, unless whoever made the answer gave it them; its own policy, and how long it may be kept, stay. */
export function securityHeaders(lines: readonly HeaderLine[]): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next()
    const { headers } = c.res
    if (headers.has('x-content-type-options')) return
    const own = OWN.filter((name) => headers.has(name))
    addHeaders(c, own.length === 0 ? lines : lines.filter(([name]) => !own.includes(name)))
  }
}
