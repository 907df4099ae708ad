import type { Hono } from 'hono'
import type { AppEnv } from './app-env.ts'
import { baseApp } from './base-app.ts'
import { answerUnknownPath, gatewayEndpoints } from './gateway/index.ts'
import { checkAddress } from './middleware/address-lists.ts'
import { limitBody } from './middleware/body-limit.ts'
import { gate } from './middleware/gate.ts'
import { mount } from './platform/http/endpoint.ts'
import { DATA_HEADERS } from './platform/http/headers.ts'
import { withinStoreTime } from './platform/store-time.ts'

/**
 * Calls to a model. They carry their credential in a header that no foreign page can add, and speak
 * protocols of their own: nothing to check for cookies, or to wrap in an envelope. No path here may
 * be of a kind that makes Hono fall back to its slower router.
 */
export function createGateway(): Hono<AppEnv> {
  const app = baseApp(DATA_HEADERS)
  app.use(checkAddress)
  app.use(limitBody)
  app.use((_, next) => withinStoreTime(next))
  mount(app, gatewayEndpoints, gate)
  app.all('*', answerUnknownPath)
  return app
}
