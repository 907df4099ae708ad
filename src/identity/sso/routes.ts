import * as z from 'zod'
import type { ErrorCode } from '../../errors.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { LoginAnswer, SecondStepAnswer, TransportQuery } from '../sessions/index.ts'
import { exchangeToken } from './exchange-token.ts'
import { beginAsJson, beginByRedirect, finishAsJson, finishByRedirect } from './flow-adapter.ts'
import { handOver } from './hand-over.ts'
import { listProviders } from './registry.ts'
import {
  BeginQuery,
  BeginRedirectQuery,
  BegunLogin,
  CallbackInput,
  CallbackQuery,
  LinkedIdentity,
  ProviderList,
  ProviderParams,
  TokenLoginInput,
} from './schemas.ts'

const tag = 'Social login'
const Finished = z.union([LoginAnswer, SecondStepAnswer, LinkedIdentity])

const finishedAnswer = {
  status: 200,
  description: 'The tokens of a new session, or what is needed for the second factor.',
  schema: Finished,
} as const

const beginErrors: ErrorCode[] = ['provider_not_configured', 'invalid_request', 'provider_failed']
const finishErrors: ErrorCode[] = [
  'login_expired',
  'login_denied',
  'provider_not_configured',
  'provider_failed',
  'registration_closed',
  'account_disabled',
  'identity_in_use',
  'cross_site_request',
]

/** What people get in a browser. */
const onward = {
  303: { description: 'The way to the front end; on failure with `error` in its query.' },
}

/** Where a front end asks for the address to send the person to; of a provider of its own, or of the one in the path. */
function beginEndpoint(path: string, operationId: string, summary: string, provider?: string) {
  const description =
    'Answers with the address where the person signs in, and leaves a cookie that the callback needs.'
  const withoutCookies = ' Clients without cookies send a `code_challenge` instead.'

  return endpoint(
    {
      method: 'get',
      path,
      operationId,
      tag,
      summary,
      description: provider === undefined ? description + withoutCookies : description,
      auth: 'public',
      limit: 'login',
      ...(provider === undefined && { params: ProviderParams }),
      query: BeginQuery,
      answer: { status: 200, description: 'Where to go.', schema: BegunLogin },
      errors: beginErrors,
    },
    async (c, { params, query }) => beginAsJson(c, provider ?? params.provider, query),
  )
}

/** Where a provider sends the browser back; of a provider of its own, or of the one in the path. */
function returnEndpoint(path: string, operationId: string, summary: string, provider?: string) {
  return endpoint(
    {
      method: 'get',
      path,
      operationId,
      tag,
      summary,
      description:
        'Redirects to the front end with the refresh token in a cookie, or answers JSON by `Accept`.',
      auth: 'public',
      limit: 'login',
      ...(provider === undefined && { params: ProviderParams }),
      query: CallbackQuery,
      answer: finishedAnswer,
      otherAnswers: onward,
      errors: finishErrors,
    },
    async (c, { params, query }) => finishByRedirect(c, provider ?? params.provider, query),
  )
}

/** Where a front end brings what the browser came back with. */
function finishEndpoint(path: string, operationId: string, summary: string, provider?: string) {
  return endpoint(
    {
      method: 'post',
      path,
      operationId,
      tag,
      summary,
      auth: 'public',
      limit: 'login',
      ...(provider === undefined && { params: ProviderParams }),
      query: TransportQuery,
      body: CallbackInput,
      answer: finishedAnswer,
      errors: finishErrors,
    },
    async (c, { params, body, query }) =>
      finishAsJson(c, provider ?? params.provider, body, query.useCookies),
  )
}

/** The seed documents' addresses of two providers, as the front ends of existing deployments call them. */
const fixedEndpoints: Endpoint[] = [
  beginEndpoint('/auth/sso/initiate', 'beginLinuxdoLogin', 'Sign in with Linux.do', 'linuxdo'),
  returnEndpoint(
    '/auth/sso/callback',
    'finishLinuxdoLogin',
    'Where Linux.do sends the browser back',
    'linuxdo',
  ),
  beginEndpoint('/auth/github/login', 'beginGithubLogin', 'Sign in with GitHub', 'github'),
  finishEndpoint(
    '/auth/github/callback',
    'finishGithubLogin',
    'Finish signing in with GitHub',
    'github',
  ),
]

const generalEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/auth/oidc/providers',
      operationId: 'listLoginProviders',
      tag,
      summary: 'List the sign-in providers',
      auth: 'public',
      answer: { status: 200, description: 'The configured ones.', schema: ProviderList },
    },
    async (c) => ({
      providers: listProviders(c.get('ctx').config).map(({ id, name, type, description }) => ({
        id,
        name,
        type,
        description,
        enabled: true as const,
        supports_refresh: true as const,
        login_url: `/oauth/${id}/login`,
      })),
    }),
  ),
  beginEndpoint('/auth/oidc/:provider/login', 'beginLogin', 'Sign in with a provider'),
  returnEndpoint(
    '/auth/oidc/:provider/callback',
    'finishLoginByRedirect',
    'Where a provider sends the browser back',
  ),
  finishEndpoint(
    '/auth/oidc/:provider/callback',
    'finishLogin',
    'Finish signing in with a provider',
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/oauth/:provider',
      operationId: 'loginWithProviderToken',
      tag,
      summary: 'Sign in with a code or a token of a provider',
      description:
        'Takes `code` and `state`, an `id_token` (OpenID providers), or an `access_token` (providers that tell for whom it was made).',
      auth: 'public',
      limit: 'login',
      params: ProviderParams,
      query: TransportQuery,
      body: TokenLoginInput,
      answer: finishedAnswer,
      errors: [...finishErrors, 'invalid_credentials', 'invalid_request'],
    },
    async (c, { params, body, query }) => {
      const { code, state, id_token, access_token } = body
      if (code !== undefined && state !== undefined)
        return finishAsJson(c, params.provider, { ...body, code, state }, query.useCookies)
      const user = await exchangeToken(
        c.get('ctx'),
        params.provider,
        id_token !== undefined
          ? { type: 'id_token', token: id_token, nonce: body.nonce ?? null }
          : { type: 'access_token', token: access_token ?? '' },
      )
      return handOver(c, params.provider, { user, isLinked: false }, query.useCookies)
    },
  ),
]

/** What a browser visits. */
const pageEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/oauth/:provider/login',
      operationId: 'redirectToProvider',
      tag,
      summary: 'Go and sign in with a provider',
      auth: 'public',
      limit: 'login',
      params: ProviderParams,
      query: BeginRedirectQuery,
      answer: { status: 303, description: 'The way to the provider.' },
      errors: beginErrors,
    },
    async (c, { params, query }) => beginByRedirect(c, params.provider, query),
  ),
  returnEndpoint(
    '/oauth/:provider/callback',
    'returnFromProvider',
    'Where a provider sends the browser back',
  ),
]

export const loginEndpoints: Endpoint[] = [...fixedEndpoints, ...generalEndpoints, ...pageEndpoints]
