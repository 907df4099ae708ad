import type { Hono, NotFoundHandler } from 'hono'
import { TrieRouter } from 'hono/router/trie-router'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'
import { answerError, answerNotFound } from './errors.ts'

/**
 * Answers what no route of an app took: 405 with `Allow` where another method would have been taken
 * (RFC 9110, section 15.5.6), else 404.
 *
 * @param app with all of its routes; what is added later is not known here
 */
export function answerUnmatched(app: Hono<AppEnv>): NotFoundHandler<AppEnv> {
  const paths = new TrieRouter<string>()
  for (const { method, path } of app.routes) if (method !== 'ALL') paths.add('ANY', path, method)
  return (c) => {
    const [found] = paths.match('ANY', c.req.path)
    const methods = new Set(found.map(([method]) => method))
    if (methods.has('GET')) methods.add('HEAD')
    if (methods.size === 0 || methods.has(c.req.method)) return answerNotFound(c)
    const allow = [...methods, 'OPTIONS'].sort().join(', ')
    const message = `${c.req.method} is not possible here. What is: ${allow}.`
    return answerError(new AppError('method_not_allowed', message, { headers: { allow } }), c)
  }
}
