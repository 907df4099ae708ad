import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import type { AppEnv } from './app-env.ts'
import { keySetEndpoints, signingKeyEndpoints } from './credentials/signing-keys/index.ts'
import { answerUnknownPath, gatewayEndpoints, pluginGatewayEndpoints } from './gateway/index.ts'
import { accountEndpoints } from './identity/accounts/index.ts'
import { adminUserEndpoints, byNameEndpoints } from './identity/administration/index.ts'
import { apiKeyAliasEndpoints, apiKeyEndpoints } from './identity/api-keys/index.ts'
import { emailAddressEndpoints } from './identity/email-address/index.ts'
import { pageRoutes } from './identity/link-pages/index.ts'
import { mfaEndpoints } from './identity/mfa/index.ts'
import { passwordEndpoints } from './identity/passwords/index.ts'
import { sessionEndpoints } from './identity/sessions/index.ts'
import { ssoEndpoints } from './identity/sso/index.ts'
import { userEndpoints } from './identity/users/index.ts'
import { catalogEndpoints } from './metering/catalog/index.ts'
import { statisticsEndpoints } from './metering/statistics/index.ts'
import { checkAddress } from './middleware/address-lists.ts'
import { limitBody } from './middleware/body-limit.ts'
import { corsFromConfig } from './middleware/cors.ts'
import { refuseCrossSite } from './middleware/cross-site.ts'
import { envelope } from './middleware/envelope.ts'
import { answerError, answerNotFound } from './middleware/errors.ts'
import { gate } from './middleware/gate.ts'
import { requestContext } from './middleware/request-context.ts'
import { requestId } from './middleware/request-id.ts'
import { securityHeaders } from './middleware/security-headers.ts'
import { auditEndpoints } from './notices/audit/index.ts'
import { docsRoutes } from './operations/docs/index.ts'
import { healthEndpoints } from './operations/health/index.ts'
import { jobEndpoints } from './operations/jobs/index.ts'
import { type Endpoint, mount } from './platform/http/endpoint.ts'
import { DATA_HEADERS, type HeaderLine, PROTECTIVE_HEADERS } from './platform/http/headers.ts'
import type { MountedEndpoints } from './platform/http/openapi.ts'
import { withinStoreTime } from './platform/store-time.ts'
import { lendingEndpoints } from './sharing/lending/index.ts'
import { quotaEndpoints } from './sharing/quota/index.ts'

/** The JSON API; mounted at `/api` and, as an alias, at `/`. */
export const apiEndpoints: readonly Endpoint[] = [
  ...accountEndpoints,
  ...sessionEndpoints,
  ...ssoEndpoints,
  ...passwordEndpoints,
  ...emailAddressEndpoints,
  ...mfaEndpoints,
  ...auditEndpoints,
  ...userEndpoints,
  ...adminUserEndpoints,
  ...byNameEndpoints,
  ...signingKeyEndpoints,
  ...catalogEndpoints,
  ...apiKeyEndpoints,
  ...apiKeyAliasEndpoints,
  ...lendingEndpoints,
  ...pluginGatewayEndpoints,
  ...quotaEndpoints,
  ...statisticsEndpoints,
  ...jobEndpoints,
  ...healthEndpoints,
]

/** What the API description covers. */
export const describedEndpoints: readonly MountedEndpoints[] = [
  { prefix: '', endpoints: [...gatewayEndpoints, ...keySetEndpoints] },
  { prefix: '/api', endpoints: apiEndpoints },
]

/** What belongs to the gateway; whatever else there is below these, it answers for. */
const GATEWAY_PATH = /^\/(?:v1(?:beta)?(?:\/|$)|chat\/completions$)/

/** The whole surface: the gateway's few routes, and the site with all others. */
export function createApp(): Pick<Hono<AppEnv>, 'fetch' | 'routes'> {
  const gateway = createGateway()
  // Most isolates serve models alone, and need not set up hundreds of routes before their first answer.
  let site: Hono<AppEnv> | undefined
  const siteOf = () => {
    site ??= createSite()
    return site
  }
  return {
    fetch: (request, ...rest) =>
      (GATEWAY_PATH.test(getPath(request)) ? gateway : siteOf()).fetch(request, ...rest),
    get routes() {
      return [...gateway.routes, ...siteOf().routes]
    },
  }
}

/**
 * Calls to a model. They carry their credential in a header that no foreign page can add, and speak
 * protocols of their own: nothing to check for cookies, or to wrap in an envelope. No path here may
 * be of a kind that makes Hono fall back to its slower router.
 */
function createGateway(): Hono<AppEnv> {
  const app = baseApp(DATA_HEADERS)
  app.use(checkAddress)
  app.use(limitBody)
  mount(app, gatewayEndpoints, gate)
  app.all('*', answerUnknownPath)
  return app
}

/** The JSON API, the pages and the documentation. */
function createSite(): Hono<AppEnv> {
  const app = baseApp(PROTECTIVE_HEADERS)
  app.use((_, next) => withinStoreTime(next))
  app.use(envelope)
  app.use(checkAddress)
  app.use(refuseCrossSite)
  app.use(limitBody)

  mount(app, keySetEndpoints, gate)
  const api = new Hono<AppEnv>()
  mount(api, apiEndpoints, gate)
  app.route('/api', api)
  app.route('/', api)
  app.route('/', pageRoutes())
  app.route('/', docsRoutes(describedEndpoints))
  return app
}

/** What every request passes first, in this order. */
function baseApp(protective: readonly HeaderLine[]): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.onError(answerError)
  app.notFound(answerNotFound)
  app.use(requestId)
  app.use(securityHeaders(protective))
  app.use(requestContext)
  app.use(corsFromConfig)
  return app
}
