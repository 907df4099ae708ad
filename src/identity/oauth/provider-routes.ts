import type { Context } from 'hono'
import type { AppEnv } from '../../app-env.ts'
import { publicKeys } from '../../credentials/signing-keys/index.ts'
import { ID_TOKEN_ALGORITHMS } from '../../db/schema/oauth.ts'
import { AppError } from '../../errors.ts'
import type { OAuthErrorCode } from '../../oauth-errors.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { readForm, requireSingle } from '../../platform/http/form-body.ts'
import { beginAuthorization } from './authorize.ts'
import { beginDevice, DeviceAnswer } from './device.ts'
import { errorPage } from './error-page.ts'
import { Introspection, introspect } from './introspect.ts'
import { issuerOf } from './issuer.ts'
import { logOut } from './logout.ts'
import { resourceMetadata, serverMetadata } from './metadata.ts'
import { PushedRequest, pushRequest } from './pushed-request.ts'
import { revoke } from './revoke.ts'
import { Empty, FormFields, KeySet, Metadata, UserInfo } from './schemas.ts'
import { exchange } from './token.ts'
import { TokenAnswer } from './token-answer.ts'
import { userInfo } from './user-info.ts'

const tag = 'OAuth'
const open = { tag, auth: 'public' } as const
const form = { body: FormFields, bodyType: 'application/x-www-form-urlencoded' } as const

const TOKEN_ERRORS: readonly OAuthErrorCode[] = [
  'invalid_grant',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
]

/** May be kept for some minutes, as the key set is. */
const CACHED = 'public, max-age=60'

const described = (
  path: string,
  operationId: string,
  summary: string,
  metadata: (c: Context<AppEnv>) => Record<string, unknown> = (c) =>
    serverMetadata(issuerOf(c), c.get('ctx').config),
) =>
  endpoint(
    {
      ...open,
      method: 'get',
      path,
      operationId,
      summary,
      answer: { status: 200, description: 'What this server can do.', schema: Metadata },
    },
    async (c) => {
      c.header('cache-control', CACHED)
      return metadata(c)
    },
  )

const authorizing = {
  ...open,
  path: '/oauth/authorize',
  answer: { status: 303, description: 'To the page where the person decides, or back.' },
  errors: ['invalid_request', 'invalid_redirect_uri'],
} as const

const leaving = {
  ...open,
  path: '/oauth/logout',
  answer: { status: 303, description: 'To where the person goes on.' },
  errors: ['invalid_request'],
} as const

/** What a client asks that says who it is. */
const asClient = {
  ...open,
  ...form,
  method: 'post',
  errors: ['invalid_client', ...TOKEN_ERRORS, 'invalid_request', 'unsupported_response_type'],
} as const

const aboutUser = {
  tag,
  path: '/oauth/userinfo',
  auth: 'person',
  answer: { status: 200, description: 'The person, by what they agreed to.', schema: UserInfo },
  errors: ['insufficient_scope', 'invalid_token'],
} as const

/** Mounted at the root. */
export const providerEndpoints: Endpoint[] = [
  described('/.well-known/openid-configuration', 'getOpenIdConfiguration', 'OpenID Discovery'),
  described(
    '/.well-known/oauth-authorization-server',
    'getOAuthMetadata',
    'Authorization server metadata (RFC 8414)',
  ),
  ...['', '/mcp', '/v1'].map((part) =>
    described(
      `/.well-known/oauth-protected-resource${part}`,
      `getResourceMetadata${part.slice(1)}`,
      'Protected resource metadata (RFC 9728)',
      (c) => resourceMetadata(issuerOf(c), part),
    ),
  ),
  endpoint(
    {
      ...open,
      method: 'get',
      path: '/oauth/jwks',
      operationId: 'getOAuthKeys',
      summary: 'Public keys of tokens for applications',
      answer: { status: 200, description: 'The key set.', schema: KeySet },
    },
    async (c) => {
      c.header('cache-control', CACHED)
      return { keys: await publicKeys(c.get('ctx'), ID_TOKEN_ALGORITHMS) }
    },
  ),
  endpoint(
    {
      ...authorizing,
      method: 'get',
      operationId: 'authorize',
      summary: 'Begin an authorization (RFC 6749 §4.1)',
    },
    (c) => authorize(c, async () => requireSingle(new URL(c.req.url).searchParams)),
  ),
  endpoint(
    {
      ...authorizing,
      ...form,
      method: 'post',
      operationId: 'authorizeByForm',
      summary: 'The same by a form',
    },
    (c) => authorize(c, () => readForm(c.req)),
  ),
  endpoint(
    {
      ...open,
      ...form,
      method: 'post',
      path: '/oauth/token',
      operationId: 'getToken',
      summary: 'Exchange a code, a refresh token or credentials for tokens (RFC 6749 §3.2)',
      answer: { status: 200, description: 'The tokens.', schema: TokenAnswer },
      errors: ['invalid_request', 'invalid_client', 'account_disabled', ...TOKEN_ERRORS],
    },
    async (c) => {
      c.header('pragma', 'no-cache')
      return exchange(c.get('ctx'), c.req, issuerOf(c))
    },
  ),
  endpoint(
    {
      ...asClient,
      path: '/oauth/revoke',
      operationId: 'revokeToken',
      summary: 'Give a token back (RFC 7009)',
      answer: { status: 200, description: 'It is worth nothing.', schema: Empty },
    },
    async (c) => {
      await revoke(c.get('ctx'), c.req, issuerOf(c))
      return {}
    },
  ),
  endpoint(
    {
      ...asClient,
      path: '/oauth/introspect',
      operationId: 'introspectToken',
      summary: 'What a token is worth (RFC 7662)',
      answer: { status: 200, description: 'Whether it is active.', schema: Introspection },
    },
    async (c) => introspect(c.get('ctx'), c.req, issuerOf(c)),
  ),
  endpoint(
    {
      ...asClient,
      path: '/oauth/par',
      operationId: 'pushAuthorization',
      summary: 'Hand in an authorization request (RFC 9126)',
      answer: { status: 201, description: 'Its name.', schema: PushedRequest },
    },
    async (c) => pushRequest(c.get('ctx'), c.req, issuerOf(c)),
  ),
  endpoint(
    {
      ...asClient,
      path: '/oauth/device_authorization',
      operationId: 'beginDevice',
      summary: 'Begin without a browser (RFC 8628)',
      answer: { status: 200, description: 'The codes.', schema: DeviceAnswer },
    },
    async (c) => beginDevice(c.get('ctx'), c.req, issuerOf(c)),
  ),
  endpoint(
    {
      ...leaving,
      method: 'get',
      operationId: 'logOutOfAll',
      summary: 'End the session (RP-Initiated Logout)',
    },
    (c) => end(c, async () => requireSingle(new URL(c.req.url).searchParams)),
  ),
  endpoint(
    {
      ...leaving,
      ...form,
      method: 'post',
      operationId: 'logOutOfAllByForm',
      summary: 'The same by a form',
    },
    (c) => end(c, () => readForm(c.req)),
  ),
  endpoint(
    {
      ...aboutUser,
      method: 'get',
      operationId: 'getUserInfo',
      summary: 'Who it is (OpenID Connect)',
    },
    async (c) => userInfo(c.get('ctx')),
  ),
  endpoint(
    { ...aboutUser, method: 'post', operationId: 'postUserInfo', summary: 'The same by POST' },
    async (c) => userInfo(c.get('ctx')),
  ),
]

/** Logging out begins by a link or by a form. */
async function end(c: Context<AppEnv>, read: () => Promise<URLSearchParams>): Promise<Response> {
  return shownToPerson(c, async () =>
    c.redirect(await logOut(c.get('ctx'), await read(), issuerOf(c)), 303),
  )
}

async function authorize(
  c: Context<AppEnv>,
  read: () => Promise<URLSearchParams>,
): Promise<Response> {
  return shownToPerson(c, async () =>
    c.redirect(await beginAuthorization(c.get('ctx'), await read(), issuerOf(c)), 303),
  )
}

/** An error that has nowhere to go is shown to the person; a program gets it as JSON. */
async function shownToPerson(c: Context<AppEnv>, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    const isPerson = /\btext\/html\b/.test(c.req.header('accept') ?? '')
    if (error instanceof AppError && error.status < 500 && isPerson) return errorPage(c, error)
    throw error
  }
}
