import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { addHeaders } from '../platform/http/headers.ts'
import { systemRandom } from '../platform/random.ts'

/** What a client may call its own request; anything else could be taken for something else in a log. */
const WELL_FORMED = /^[\w=-]{1,255}$/

/** Names the request: as the client does, else anew. */
export const requestId: MiddlewareHandler<AppEnv> = async (c, next) => {
  const given = c.req.header('x-request-id')
  const id = given !== undefined && WELL_FORMED.test(given) ? given : systemRandom.uuid()
  c.set('requestId', id)
  await next()
  addHeaders(c, [['x-request-id', id]])
}
