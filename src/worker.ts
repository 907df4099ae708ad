import type { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import type { AppEnv, Bindings } from './app-env.ts'
import { MODEL_PATH } from './platform/http/model-paths.ts'

/** Belongs to the gateway, as do calls to a model; whatever else there is below, it answers for. */
const BALANCE_PATH = /^\/+dashboard\/billing\//

/** What applications and MCP hosts ask; social login, which is below `/oauth` as well, is the site's, whatever its provider is called. */
const PROVIDER_PATH =
  /^\/+(?:oauth\/(?:authorize|token|revoke|introspect|userinfo|jwks|logout|par|register|device_authorization)(?!\/(?:login|callback)\/*$)|\.well-known\/(?:openid-configuration|oauth-authorization-server|oauth-protected-resource)|mcp)(?:\/|$)/

/*
 * Most isolates serve models alone, some nothing but cron. So each of the four is imported when it is
 * first asked for: the bundle holds all of them, and until then neither are their modules run nor the
 * schemas of their hundreds of routes made. No request waits for the import of another one, which may
 * be cancelled in the middle.
 */
let gateway: Hono<AppEnv> | undefined
let provider: Hono<AppEnv> | undefined
let site: Hono<AppEnv> | undefined

async function gatewayApp(): Promise<Hono<AppEnv>> {
  const { createGateway } = await import('./gateway-app.ts')
  gateway ??= createGateway()
  return gateway
}

async function providerApp(): Promise<Hono<AppEnv>> {
  const { createProvider } = await import('./provider-app.ts')
  provider ??= createProvider(appOf)
  return provider
}

async function siteApp(): Promise<Hono<AppEnv>> {
  const { createSite } = await import('./site-app.ts')
  site ??= createSite()
  return site
}

function appOf(path: string): Hono<AppEnv> | Promise<Hono<AppEnv>> {
  if (MODEL_PATH.test(path) || BALANCE_PATH.test(path)) return gateway ?? gatewayApp()
  if (PROVIDER_PATH.test(path)) return provider ?? providerApp()
  return site ?? siteApp()
}

export default {
  async fetch(request, bindings, execution) {
    const app = await appOf(getPath(request))
    return app.fetch(request, bindings, execution)
  },

  async scheduled({ cron }, bindings, execution) {
    const { runCron } = await import('./cron.ts')
    const waitUntil = execution.waitUntil.bind(execution)
    await runCron(cron, bindings, waitUntil)
  },
} satisfies ExportedHandler<Bindings>
