import { Hono } from 'hono'
import type { AppEnv } from './app-env.ts'
import { corsFromConfig } from './middleware/cors.ts'
import { answerError, answerNotFound } from './middleware/errors.ts'
import { requestContext } from './middleware/request-context.ts'
import { requestId } from './middleware/request-id.ts'
import { securityHeaders } from './middleware/security-headers.ts'
import type { HeaderLine } from './platform/http/headers.ts'

/** What every request passes first, in this order. */
export function baseApp(protective: readonly HeaderLine[]): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.onError(answerError)
  app.notFound(answerNotFound)
  app.use(requestId)
  app.use(securityHeaders(protective))
  app.use(requestContext)
  app.use(corsFromConfig)
  return app
}
