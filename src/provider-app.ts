import type { Hono } from 'hono'
import type { AppEnv } from './app-env.ts'
import { baseApp } from './base-app.ts'
import { providerEndpoints } from './identity/oauth/index.ts'
import { registrationEndpoints } from './identity/oauth-clients/index.ts'
import { checkAddress } from './middleware/address-lists.ts'
import { limitBody } from './middleware/body-limit.ts'
import { gate } from './middleware/gate.ts'
import { answerUnmatched } from './middleware/unmatched.ts'
import { mcpEndpoints } from './operations/mcp/index.ts'
import { mount } from './platform/http/endpoint.ts'
import { PROTECTIVE_HEADERS } from './platform/http/headers.ts'
import { withinStoreTime } from './platform/store-time.ts'

/** The app that answers at a path. */
type AppOf = (path: string) => Hono<AppEnv> | Promise<Hono<AppEnv>>

/**
 * What applications ask that sign people in with us. Nothing here looks at a cookie, so that there is nothing
 * to check about where a request comes from; and its protocols know no envelope.
 *
 * @param appOf for the tools of MCP, which are calls of our own API
 */
export function createProvider(appOf: AppOf): Hono<AppEnv> {
  const app = baseApp(PROTECTIVE_HEADERS)
  app.use((c, next) => {
    c.set('callApi', async (request) => {
      const api = await appOf(new URL(request.url).pathname)
      return api.fetch(request, c.env, c.executionCtx)
    })
    return next()
  })
  app.use((_, next) => withinStoreTime(next))
  app.use(checkAddress)
  app.use(limitBody)
  mount(app, providerEndpoints, gate)
  mount(app, registrationEndpoints, gate)
  mount(app, mcpEndpoints, gate)
  app.notFound(answerUnmatched(app))
  return app
}
