import type { DeclaredEndpoint } from '../../support/surface.ts'

/** What one endpoint is expected to say to whom. */
export interface Row {
  auth: DeclaredEndpoint['auth']
  /** To the right credential, with an empty request that changes nothing; to anybody where it is public. */
  answers: number
  /** Of the kinds of things that have owners, which one its `:id` or `:cookie_id` names. */
  owned?: 'session' | 'api-key' | 'identity' | 'account' | 'client'
  /** What its owner may say about it; without it the request is empty. */
  change?: Record<string, unknown>
  /** The empty request does change something: it is made by somebody of its own. */
  isFinal?: true
}

const session = { auth: 'session' } as const
const readUsers = { auth: { permission: 'users:read' } } as const
const writeUsers = { auth: { permission: 'users:write' } } as const
const signingKeys = { auth: { permission: 'signing-keys:manage' } } as const
const clients = { auth: { permission: 'oauth-clients:manage' } } as const
const manageModels = { auth: { permission: 'models:manage' } } as const
const chat = { auth: { scope: 'chat' } } as const
const models = { auth: { scope: 'read:models' } } as const
const quotas = { auth: { scope: 'read:quotas' } } as const
const usage = { auth: { scope: 'read:usage' } } as const
const readUsage = { auth: { scope: 'read:usage' } } as const
const readAllUsage = { auth: { permission: 'usage:read-all' } } as const
const jobs = { auth: { permission: 'jobs:manage' } } as const
const settings = { auth: { permission: 'settings:read' } } as const
const open = { auth: 'public' } as const

/** How Google's calls name their model and what is asked of it. */
const GEMINI_TARGET = ':target{.+:(?:generateContent|streamGenerateContent|countTokens)}'

/** Every endpoint below `/api` and at the root. One that is missing here fails the test. */
export const MATRIX: Record<string, Row> = {
  [`POST /v1beta/models/${GEMINI_TARGET}`]: { ...chat, answers: 400 },
  [`POST /v1/models/${GEMINI_TARGET}`]: { ...chat, answers: 400 },
  [`POST /api/plugin-api/v1beta/models/${GEMINI_TARGET}`]: { ...chat, answers: 400 },

  'GET /api/health': { auth: 'optional', answers: 200 },
  'GET /.well-known/jwks.json': { ...open, answers: 200 },
  'GET /.well-known/openid-configuration': { ...open, answers: 200 },
  'GET /.well-known/oauth-authorization-server': { ...open, answers: 200 },
  'GET /oauth/jwks': { ...open, answers: 200 },
  'GET /oauth/authorize': { ...open, answers: 400 },
  'POST /oauth/authorize': { ...open, answers: 400 },
  'POST /oauth/token': { ...open, answers: 400 },
  'GET /.well-known/oauth-protected-resource': { ...open, answers: 200 },
  'GET /.well-known/oauth-protected-resource/mcp': { ...open, answers: 200 },
  'GET /.well-known/oauth-protected-resource/v1': { ...open, answers: 200 },
  'POST /oauth/revoke': { ...open, answers: 401 },
  'POST /oauth/introspect': { ...open, answers: 401 },
  'POST /oauth/par': { ...open, answers: 401 },
  'POST /oauth/device_authorization': { ...open, answers: 401 },
  'GET /oauth/logout': { ...open, answers: 303 },
  'POST /oauth/logout': { ...open, answers: 303 },
  'POST /oauth/register': { ...open, answers: 404 },
  'GET /oauth/register/:id': { ...open, answers: 401 },
  'PUT /oauth/register/:id': { ...open, answers: 401 },
  'DELETE /oauth/register/:id': { ...open, answers: 401 },
  'POST /mcp': { auth: 'person', answers: 400 },
  'GET /mcp': { auth: 'person', answers: 405 },
  'DELETE /mcp': { auth: 'person', answers: 405 },
  'POST /api/device-authorizations': { ...session, answers: 400 },
  // For the tokens of applications alone.
  'GET /oauth/userinfo': { auth: 'person', answers: 403 },
  'POST /oauth/userinfo': { auth: 'person', answers: 403 },
  'POST /api/authorizations': { auth: 'optional', answers: 400 },
  'GET /api/users/me/grants': { ...session, answers: 200 },
  'DELETE /api/users/me/grants': { ...session, answers: 422 },
  'GET /api/admin/clients': { ...clients, answers: 200 },
  'POST /api/admin/clients': { ...clients, answers: 400 },
  'GET /api/admin/clients/:id': { ...clients, answers: 404 },
  'PATCH /api/admin/clients/:id': { ...clients, answers: 400 },
  'POST /api/admin/clients/:id/secret': { ...clients, answers: 404 },
  'DELETE /api/admin/clients/:id': { ...clients, answers: 404 },
  'GET /api/users/me/clients': { ...session, answers: 200 },
  'POST /api/users/me/clients': { ...session, answers: 400 },
  'GET /api/users/me/clients/:id': { ...session, answers: 404, owned: 'client' },
  // Its owner may change it where the operator lets people have some.
  'PATCH /api/users/me/clients/:id': { ...session, answers: 400 },
  'POST /api/users/me/clients/:id/secret': { ...session, answers: 404, owned: 'client' },
  'DELETE /api/users/me/clients/:id': { ...session, answers: 404, owned: 'client' },

  'POST /api/auth/register': { ...open, answers: 400 },
  'GET /api/auth/check-username': { ...open, answers: 422 },
  'POST /api/auth/login': { ...open, answers: 400 },
  'POST /api/auth/refresh': { ...open, answers: 401 },
  'POST /api/auth/logout': { auth: 'optional', answers: 200, isFinal: true },
  'POST /api/auth/forgot-password': { ...open, answers: 400 },
  'POST /api/auth/request-password-reset': { ...open, answers: 400 },
  'POST /api/auth/reset-password': { ...open, answers: 400 },
  'POST /api/auth/verify-email': { auth: 'optional', answers: 400 },
  'POST /api/auth/resend-verification': { ...open, answers: 400 },
  'POST /api/auth/confirm-email': { auth: 'optional', answers: 400 },
  'POST /api/auth/mfa/verify': { ...open, answers: 400 },
  'POST /api/auth/mfa/enrol': { ...open, answers: 400 },
  'POST /api/auth/mfa/enrol/confirm': { ...open, answers: 400 },

  'GET /api/auth/me': { auth: { scope: 'read:users' }, answers: 200 },
  'POST /api/auth/logout-all': { ...session, answers: 200, isFinal: true },
  'GET /api/auth/sessions': { ...session, answers: 200 },
  'GET /api/auth/sessions/current': { ...session, answers: 200 },
  'DELETE /api/auth/sessions/:id': { ...session, answers: 404, owned: 'session' },
  'POST /api/auth/change-password': { ...session, answers: 400 },
  'POST /api/auth/change-email': { ...session, answers: 400 },
  'GET /api/auth/mfa': { ...session, answers: 200 },
  'POST /api/auth/mfa/totp': { ...session, answers: 200, isFinal: true },
  'POST /api/auth/mfa/totp/confirm': { ...session, answers: 400 },
  'POST /api/auth/mfa/disable': { ...session, answers: 400 },
  'POST /api/auth/mfa/recovery-codes': { ...session, answers: 400 },
  'GET /api/auth/events': { ...session, answers: 200 },

  // Without a provider that is configured there is none by any name.
  'GET /api/auth/sso/initiate': { ...open, answers: 404 },
  'GET /api/auth/sso/callback': { ...open, answers: 404 },
  'GET /api/auth/github/login': { ...open, answers: 404 },
  'POST /api/auth/github/callback': { ...open, answers: 400 },
  'GET /api/auth/oidc/providers': { ...open, answers: 200 },
  'GET /api/auth/oidc/:provider/login': { ...open, answers: 404 },
  'GET /api/auth/oidc/:provider/callback': { ...open, answers: 404 },
  'POST /api/auth/oidc/:provider/callback': { ...open, answers: 400 },
  'POST /api/auth/oauth/:provider': { ...open, answers: 400 },
  'GET /api/oauth/:provider/login': { ...open, answers: 404 },
  'GET /api/oauth/:provider/callback': { ...open, answers: 404 },
  'GET /api/auth/identities': { ...session, answers: 200 },
  'POST /api/auth/identities/:provider': { ...session, answers: 404 },
  'POST /api/auth/identities/:id/sync': { ...session, answers: 404, owned: 'identity' },
  'DELETE /api/auth/identities/:id': { ...session, answers: 404, owned: 'identity' },

  'GET /api/users/me': { auth: { scope: 'read:users' }, answers: 200 },
  'PUT /api/users/me': { auth: { namedScope: 'write:users' }, answers: 400 },
  'DELETE /api/users/me': { ...session, answers: 200, isFinal: true },
  'GET /api/users/me/export': { ...session, answers: 200 },

  'POST /api/api-keys': { ...session, answers: 201, isFinal: true },
  'GET /api/api-keys': { ...session, answers: 200 },
  'GET /api/api-keys/:id': { ...session, answers: 404, owned: 'api-key' },
  'DELETE /api/api-keys/:id': { ...session, answers: 404, owned: 'api-key' },
  'PATCH /api/api-keys/:id': {
    ...session,
    answers: 400,
    owned: 'api-key',
    change: { name: 'mine' },
  },
  'PATCH /api/api-keys/:id/status': {
    ...session,
    answers: 400,
    owned: 'api-key',
    change: { is_active: true },
  },
  'POST /api/users/api-keys': { ...session, answers: 201, isFinal: true },
  'GET /api/users/api-keys': { ...session, answers: 200 },
  'GET /api/users/api-keys/:id': { ...session, answers: 404, owned: 'api-key' },
  'DELETE /api/users/api-keys/:id': { ...session, answers: 404, owned: 'api-key' },
  'PATCH /api/users/api-keys/:id': {
    ...session,
    answers: 400,
    owned: 'api-key',
    change: { name: 'mine' },
  },
  'PATCH /api/users/api-keys/:id/status': {
    ...session,
    answers: 400,
    owned: 'api-key',
    change: { is_active: true },
  },

  'GET /api/plugin-api/key': { ...session, answers: 200 },
  'POST /api/plugin-api/oauth/authorize': { ...session, answers: 200, isFinal: true },
  'POST /api/plugin-api/oauth/callback': { ...session, answers: 400 },
  'GET /api/plugin-api/preference': { ...session, answers: 200 },
  'PUT /api/plugin-api/preference': { ...session, answers: 400 },
  'GET /api/plugin-api/accounts': { ...session, answers: 200 },
  'POST /api/plugin-api/accounts/import': { ...session, answers: 400 },
  'POST /api/plugin-api/accounts/:cookie_id/refresh': {
    ...session,
    answers: 404,
    owned: 'account',
  },
  'GET /api/plugin-api/accounts/:cookie_id/detail': { ...session, answers: 404, owned: 'account' },
  'GET /api/plugin-api/accounts/:cookie_id/projects': {
    ...session,
    answers: 404,
    owned: 'account',
  },
  'PUT /api/plugin-api/accounts/:cookie_id/project-id': {
    ...session,
    answers: 400,
  },
  'GET /api/plugin-api/accounts/:cookie_id': { ...session, answers: 404, owned: 'account' },
  'PUT /api/plugin-api/accounts/:cookie_id/status': {
    ...session,
    answers: 400,
    owned: 'account',
    change: { status: 1 },
  },
  'PUT /api/plugin-api/accounts/:cookie_id/type': {
    ...session,
    answers: 400,
    owned: 'account',
    change: { is_shared: 0 },
  },
  'PUT /api/plugin-api/accounts/:cookie_id/name': {
    ...session,
    answers: 400,
    owned: 'account',
    change: { name: 'mine' },
  },
  'DELETE /api/plugin-api/accounts/:cookie_id': { ...session, answers: 404, owned: 'account' },
  'GET /api/plugin-api/accounts/:cookie_id/quotas': { ...session, answers: 404, owned: 'account' },
  'PUT /api/plugin-api/accounts/:cookie_id/quotas/:model_name/status': {
    ...session,
    answers: 400,
    owned: 'account',
    change: { status: 1 },
  },
  'GET /api/plugin-api/quotas/user': { ...quotas, answers: 200 },
  'GET /api/plugin-api/quotas/shared-pool': { ...quotas, answers: 200 },
  'GET /api/plugin-api/quotas/consumption': { ...quotas, answers: 200 },
  'GET /api/plugin-api/quotas/consumption/stats/:model_name': { ...quotas, answers: 200 },
  'GET /api/quotas': { ...quotas, answers: 200 },
  'GET /api/quotas/ledger': { ...quotas, answers: 200 },
  'GET /api/quotas/outside': { ...quotas, answers: 200 },
  'GET /api/usage/quotas': { ...usage, answers: 200 },
  'GET /api/usage/consumption': { ...usage, answers: 200 },
  'GET /api/usage/accounts': { ...session, answers: 200 },
  'GET /api/usage/summary': { ...usage, answers: 200 },
  'GET /api/usage/shared-pool/stats': { ...usage, answers: 200 },
  'POST /api/plugin-api/chat/completions': { ...chat, answers: 400 },
  'GET /api/plugin-api/models': { ...models, answers: 403 },
  'POST /v1/chat/completions': { ...chat, answers: 400 },
  'GET /v1beta/models': { ...models, answers: 403 },
  'GET /v1beta/models/:id{[^:]+}': { ...models, answers: 403 },
  'GET /v1/usage': { ...quotas, answers: 200 },
  'GET /dashboard/billing/usage': { ...quotas, answers: 200 },
  'GET /dashboard/billing/subscription': { ...quotas, answers: 200 },
  'POST /v1/responses': { ...chat, answers: 400 },
  'POST /v1/embeddings': { ...chat, answers: 404 },
  'POST /v1/rerank': { ...chat, answers: 404 },
  'POST /v1/images/generations': { ...chat, answers: 404 },
  'POST /v1/images/edits': { ...chat, answers: 404 },
  'POST /v1/images/variations': { ...chat, answers: 404 },
  'POST /v1/audio/speech': { ...chat, answers: 404 },
  'POST /v1/audio/transcriptions': { ...chat, answers: 404 },
  'POST /v1/audio/translations': { ...chat, answers: 404 },
  'POST /v1/messages': { ...chat, answers: 400 },
  'POST /v1/messages/count_tokens': { ...chat, answers: 400 },
  'GET /v1/models': { ...models, answers: 403 },
  'GET /v1/models/:id{.+}': { ...models, answers: 403 },

  'GET /api/admin/audit': { auth: { permission: 'audit:read' }, answers: 200 },
  'GET /api/admin/users': { ...readUsers, answers: 200 },
  'POST /api/admin/users': { ...writeUsers, answers: 400 },
  'GET /api/admin/users/:id': { ...readUsers, answers: 404 },
  'PUT /api/admin/users/:id': { ...writeUsers, answers: 400 },
  'DELETE /api/admin/users/:id': { ...writeUsers, answers: 404 },
  'POST /api/admin/users/:id/ban': { ...writeUsers, answers: 404 },
  'POST /api/admin/users/:id/unban': { ...writeUsers, answers: 404 },
  'POST /api/admin/users/:id/logout': { ...writeUsers, answers: 404 },
  'POST /api/admin/users/:id/reset-mfa': { ...writeUsers, answers: 404 },
  'POST /api/admin/users/:id/unlock': { ...writeUsers, answers: 404 },
  'GET /api/admin/plugin-users': { ...readUsers, answers: 200 },
  'POST /api/admin/plugin-users/:id/mend': { ...writeUsers, answers: 404 },
  'GET /api/admin/users/:id/sessions': { ...readUsers, answers: 404 },
  'GET /api/admin/users/:id/api-keys': { ...readUsers, answers: 404 },
  'GET /api/admin/users/:id/quotas': { ...readUsers, answers: 404 },
  'GET /api/admin/users/:id/ledger': { ...readUsers, answers: 404 },
  'POST /api/users/add_user': { ...writeUsers, answers: 400 },
  'POST /api/users/delete_user': { ...writeUsers, answers: 400 },
  'PUT /api/users/update_username': { ...writeUsers, answers: 400 },
  'PUT /api/users/update_password': { ...writeUsers, answers: 400 },
  'PUT /api/users/set_user_active_status': { ...writeUsers, answers: 400 },
  'GET /api/admin/models': { ...manageModels, answers: 200 },
  'PUT /api/admin/models/:id{.+}': { ...manageModels, answers: 400 },
  'DELETE /api/admin/models/:id{.+}': { ...manageModels, answers: 404 },
  'GET /api/usage/stats': { ...readUsage, answers: 200 },
  'GET /api/usage/logs': { ...readUsage, answers: 200 },
  'GET /api/admin/usage/stats': { ...readAllUsage, answers: 200 },
  'GET /api/admin/usage/logs': { ...readAllUsage, answers: 200 },
  'GET /api/admin/settings': { ...settings, answers: 200 },
  'GET /api/admin/jobs': { ...jobs, answers: 200 },
  'POST /api/admin/jobs/:name/run': { ...jobs, answers: 404 },
  'GET /api/admin/signing-keys': { ...signingKeys, answers: 200 },
  'POST /api/admin/signing-keys/rotate': { ...signingKeys, answers: 200, isFinal: true },
}

/** Pages and descriptions beside the endpoints, open to everybody. */
export const PAGES: Record<string, number> = {
  'GET /': 200,
  'GET /api/openapi.json': 200,
  'GET /openapi.json': 200,
  'GET /api/docs': 200,
  'GET /docs': 200,
  'GET /api/redoc': 200,
  'GET /redoc': 200,
  'GET /assets/*': 404,
}
