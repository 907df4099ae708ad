import * as accounts from './accounts.ts'
import { completeChat } from './chat.ts'
import { showConsent, takeConsent } from './consent-page.ts'
import * as control from './control.ts'
import type { Access, Exchange } from './exchange.ts'
import { generateImage } from './images.ts'
import { listModels } from './model-list.ts'
import { isNewer } from './models.ts'
import * as newer from './newer.ts'
import * as oauth from './oauth.ts'
import type { Plugin } from './plugin.ts'
import * as quotas from './quota-reads.ts'
import * as users from './users.ts'

type Handler = (plugin: Plugin, exchange: Exchange) => Promise<void>

/** One route: its pattern has `:names` for path segments. */
interface Route {
  method: string
  pattern: string
  access: Access
  handler: Handler
  /** Whether the older version knows it not. */
  isNewer?: boolean
}

const ROUTES: readonly Route[] = [
  route('GET /', 'open', welcome),

  route('POST /api/users', 'admin', users.createUser),
  route('GET /api/users', 'admin', users.listUsers),
  route('POST /api/users/:user_id/regenerate-key', 'admin', users.regenerateKey),
  route('PUT /api/users/:user_id/status', 'admin', users.setUserStatus),
  route('DELETE /api/users/:user_id', 'admin', users.deleteUser),
  route('PUT /api/users/:user_id/preference', 'user', users.setPreference),
  route('GET /api/user/me', 'user', users.showCaller),

  route('POST /api/oauth/authorize', 'user', oauth.authorize),
  route('GET /api/oauth/callback', 'open', oauth.browserCallback),
  route('POST /api/oauth/callback/manual', 'user', oauth.manualCallback),
  route('GET /oauth/consent', 'open', showConsent),
  route('POST /oauth/consent', 'open', takeConsent),

  route('GET /api/accounts', 'user', accounts.listAccounts),
  route('GET /api/accounts/:cookie_id', 'user', accounts.showAccount),
  route('PUT /api/accounts/:cookie_id/status', 'user', accounts.setAccountStatus),
  route('PUT /api/accounts/:cookie_id/type', 'user', accounts.setAccountType),
  route('PUT /api/accounts/:cookie_id/name', 'user', accounts.renameAccount),
  route('DELETE /api/accounts/:cookie_id', 'user', accounts.deleteAccount),
  route('GET /api/accounts/:cookie_id/quotas', 'user', accounts.listAccountQuotas),
  route('PUT /api/accounts/:cookie_id/quotas/:model_name/status', 'user', accounts.setModelStatus),

  { ...route('POST /api/accounts/import', 'user', newer.importAccount), isNewer: true },
  {
    ...route('POST /api/accounts/:cookie_id/refresh', 'user', newer.refreshAccount),
    isNewer: true,
  },
  { ...route('GET /api/accounts/:cookie_id/projects', 'user', newer.listProjects), isNewer: true },
  { ...route('PUT /api/accounts/:cookie_id/project-id', 'user', newer.setProject), isNewer: true },
  { ...route('GET /api/accounts/:cookie_id/detail', 'user', newer.showDetail), isNewer: true },

  route('GET /api/quotas/user', 'user', quotas.listPool),
  route('GET /api/quotas/shared-pool', 'user', quotas.showSharedPool),
  route('GET /api/quotas/consumption', 'user', quotas.listConsumption),
  route('GET /api/quotas/consumption/stats/:model_name', 'user', quotas.showStats),
  route('GET /api/quotas/low', 'admin', quotas.listLow),

  route('GET /v1/models', 'user', listModels),
  route('POST /v1/chat/completions', 'user', completeChat),
  route('POST /v1beta/models/:target', 'user', generateImage),

  route('POST /__control/arm', 'open', control.armFailure),
  route('GET /__control/armed', 'open', control.listArmed),
  route('POST /__control/reset-armed', 'open', control.resetArmed),
  route('GET /__control/requests', 'open', control.listRequests),
  route('GET /__control/config', 'open', control.showConfig),
  route('POST /__control/config', 'open', control.changeConfig),
  route('POST /__control/reset-config', 'open', control.resetConfig),
  route('GET /__control/state', 'open', control.showState),
  route('POST /__control/account', 'open', control.changeAccount),
  route('POST /__control/hurry', 'open', control.hurry),
  route('POST /__control/take-back', 'open', control.takeBack),
  route('POST /__control/recover', 'open', control.recover),
  route('POST /__control/pool', 'open', control.setPool),
]

/** Finds the route of a request, with the decoded path parameters. */
export function findRoute(
  plugin: Plugin,
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  for (const candidate of ROUTES) {
    if (candidate.method !== method || (candidate.isNewer && !isNewer(plugin))) continue
    const params = matchPath(candidate.pattern, path)
    if (params) return { route: candidate, params }
  }
  return undefined
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? ''
    if (!segment.startsWith(':')) {
      if (segment !== value) return undefined
    } else if (value === '') {
      return undefined
    } else {
      params[segment.slice(1)] = decodeURIComponent(value)
    }
  }
  return params
}

function route(spec: string, access: Access, handler: Handler): Route {
  const [method = '', pattern = ''] = spec.split(' ')
  return { method, pattern, access, handler }
}

function welcome(_plugin: Plugin, exchange: Exchange): Promise<void> {
  return exchange.reply.html(
    200,
    `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Plug-in API (development stand-in)</title></head>
<body>
<h1>Plug-in API</h1>
<p>This is a development stand-in for the plug-in API that holds the upstream AI accounts. It is not
for production: it keeps keys in clear, invents answers, and anybody on this machine can steer it.</p>
</body>
</html>
`,
  )
}
