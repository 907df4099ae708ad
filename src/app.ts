import { Hono } from 'hono'
import { requestId } from 'hono/request-id'
import type { AppEnv } from './app-env.ts'
import { accountEndpoints } from './features/accounts/index.ts'
import { apiKeyEndpoints } from './features/api-keys/index.ts'
import { gatewayEndpoints, pluginGatewayEndpoints } from './features/gateway/index.ts'
import { docsRoutes, opsEndpoints } from './features/ops/index.ts'
import { pluginEndpoints } from './features/plugin/index.ts'
import { sessionEndpoints } from './features/sessions/index.ts'
import { authenticate } from './middleware/authenticate.ts'
import { limitBody } from './middleware/body-limit.ts'
import { corsFromConfig } from './middleware/cors.ts'
import { answerError, answerNotFound } from './middleware/errors.ts'
import { requestContext } from './middleware/request-context.ts'
import { securityHeaders } from './middleware/security-headers.ts'
import { type Endpoint, mount } from './platform/http/endpoint.ts'
import type { MountedEndpoints } from './platform/http/openapi.ts'

/** The JSON API; mounted at `/api` and, as an alias, at `/`. */
export const apiEndpoints: readonly Endpoint[] = [
  ...accountEndpoints,
  ...sessionEndpoints,
  ...apiKeyEndpoints,
  ...pluginEndpoints,
  ...pluginGatewayEndpoints,
  ...opsEndpoints,
]

/** What the API description covers. */
export const describedEndpoints: readonly MountedEndpoints[] = [
  { prefix: '', endpoints: gatewayEndpoints },
  { prefix: '/api', endpoints: apiEndpoints },
]

/** The whole surface: middleware in their order, then the slices. */
export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.onError(answerError)
  app.notFound(answerNotFound)

  app.use(requestId())
  app.use(securityHeaders)
  app.use(requestContext)
  app.use(corsFromConfig)
  app.use(limitBody)

  mount(app, gatewayEndpoints, authenticate)
  const api = new Hono<AppEnv>()
  mount(api, apiEndpoints, authenticate)
  app.route('/api', api)
  app.route('/', api)
  app.route('/', docsRoutes(describedEndpoints))
  return app
}
