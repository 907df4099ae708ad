import { Hono } from 'hono'
import type { AppEnv } from './app-env.ts'
import { baseApp } from './base-app.ts'
import { keySetEndpoints, signingKeyEndpoints } from './credentials/signing-keys/index.ts'
import { gatewayEndpoints, pluginGatewayEndpoints } from './gateway/index.ts'
import { accountEndpoints } from './identity/accounts/index.ts'
import { adminUserEndpoints, byNameEndpoints } from './identity/administration/index.ts'
import { apiKeyAliasEndpoints, apiKeyEndpoints } from './identity/api-keys/index.ts'
import { emailAddressEndpoints } from './identity/email-address/index.ts'
import { mfaEndpoints } from './identity/mfa/index.ts'
import { oauthEndpoints, providerEndpoints } from './identity/oauth/index.ts'
import { oauthClientEndpoints, registrationEndpoints } from './identity/oauth-clients/index.ts'
import { passwordEndpoints } from './identity/passwords/index.ts'
import { sessionEndpoints } from './identity/sessions/index.ts'
import { ssoEndpoints } from './identity/sso/index.ts'
import { userEndpoints } from './identity/users/index.ts'
import { catalogEndpoints } from './metering/catalog/index.ts'
import { statisticsEndpoints } from './metering/statistics/index.ts'
import { checkAddress } from './middleware/address-lists.ts'
import { limitBody } from './middleware/body-limit.ts'
import { refuseCrossSite } from './middleware/cross-site.ts'
import { envelope } from './middleware/envelope.ts'
import { gate } from './middleware/gate.ts'
import { pages } from './middleware/pages.ts'
import { answerUnmatched } from './middleware/unmatched.ts'
import { auditEndpoints } from './notices/audit/index.ts'
import { docsRoutes } from './operations/docs/index.ts'
import { healthEndpoints } from './operations/health/index.ts'
import { jobEndpoints } from './operations/jobs/index.ts'
import { mcpEndpoints } from './operations/mcp/index.ts'
import { settingEndpoints } from './operations/settings/index.ts'
import { type Endpoint, mount } from './platform/http/endpoint.ts'
import { PROTECTIVE_HEADERS } from './platform/http/headers.ts'
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
  ...oauthEndpoints,
  ...oauthClientEndpoints,
  ...signingKeyEndpoints,
  ...catalogEndpoints,
  ...apiKeyEndpoints,
  ...apiKeyAliasEndpoints,
  ...lendingEndpoints,
  ...pluginGatewayEndpoints,
  ...quotaEndpoints,
  ...statisticsEndpoints,
  ...jobEndpoints,
  ...settingEndpoints,
  ...healthEndpoints,
]

/** What the API description covers. */
export const describedEndpoints: readonly MountedEndpoints[] = [
  {
    prefix: '',
    endpoints: [
      ...gatewayEndpoints,
      ...keySetEndpoints,
      ...providerEndpoints,
      ...registrationEndpoints,
      ...mcpEndpoints,
    ],
  },
  { prefix: '/api', endpoints: apiEndpoints },
]

/** The JSON API and its documentation; the console where people share an address with programs. */
export function createSite(): Hono<AppEnv> {
  const app = baseApp(PROTECTIVE_HEADERS)
  app.use(pages)
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
  app.route('/', docsRoutes(describedEndpoints))
  app.notFound(answerUnmatched(app))
  return app
}
