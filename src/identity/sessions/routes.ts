import * as z from 'zod'
import { requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { completeLogin } from './complete-login.ts'
import { deliverTokens, TransportQuery } from './deliver-tokens.ts'
import { endOwnSession, listSessions } from './list-sessions.ts'
import { checkPassword } from './login.ts'
import { logout, logoutAll } from './logout.ts'
import { refresh } from './refresh.ts'
import {
  clearForeignRefreshCookie,
  clearRefreshCookie,
  readRefreshCookie,
} from './refresh-cookie.ts'
import { countRefusals } from './refused.ts'
import {
  CurrentSession,
  Done,
  LoginAnswer,
  LoginInput,
  LogoutAllInput,
  RefreshAnswer,
  RefreshInput,
  SecondStepAnswer,
  Session,
  SessionId,
  SignedOut,
} from './schemas.ts'

const tag = 'Sign-in'

export const sessionEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/auth/login',
      operationId: 'login',
      tag,
      summary: 'Sign in',
      description:
        'Signs in with a user name or an e-mail address (under either key) and a password.',
      auth: 'public',
      limit: 'login',
      query: TransportQuery,
      body: LoginInput,
      answer: {
        status: 200,
        description: 'The tokens of a new session, or what is needed for the second factor.',
        schema: z.union([LoginAnswer, SecondStepAnswer]),
      },
      errors: [
        'invalid_credentials',
        'account_disabled',
        'account_locked',
        'email_not_verified',
        'cross_site_request',
      ],
    },
    async (c, { body, query }) => {
      const ctx = c.get('ctx')
      const answer = await completeLogin(ctx, await checkPassword(ctx, body), body.password)
      return 'mfa_token' in answer ? answer : deliverTokens(c, answer, query.useCookies)
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/refresh',
      operationId: 'refresh',
      tag,
      summary: 'Exchange the refresh token for a new pair',
      description:
        'Each refresh token works once. For a few seconds the same client gets the same pair again; using one again later, or elsewhere, ends its session, on that device only.',
      auth: 'public',
      limit: 'refresh',
      query: TransportQuery,
      body: RefreshInput,
      bodyRequired: false,
      answer: {
        status: 200,
        description:
          'The new pair, or what is needed for a second factor that the role needs by now.',
        schema: z.union([RefreshAnswer, SecondStepAnswer]),
      },
      errors: ['invalid_token', 'not_authenticated', 'account_disabled', 'cross_site_request'],
    },
    async (c, { body, query }) => {
      clearForeignRefreshCookie(c)
      const cookie = body.refresh_token === undefined ? readRefreshCookie(c) : undefined
      const token = body.refresh_token ?? cookie
      if (!token)
        throw new AppError(
          'not_authenticated',
          'Send the refresh token in the body or as a cookie.',
        )
      const ctx = c.get('ctx')
      const pair = await countRefusals(ctx, token, () => refresh(ctx, token)).catch(
        (error: unknown) => {
          // The browser need not send it again.
          if (cookie && error instanceof AppError && error.status === 401) clearRefreshCookie(c)
          throw error
        },
      )
      if ('mfa_token' in pair) return pair
      // Who keeps it in a cookie gets it back in one.
      return deliverTokens(c, pair, query.useCookies ?? (cookie ? 'true' : undefined))
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/logout',
      operationId: 'logout',
      tag,
      summary: 'Sign out on this device',
      description:
        'Ends the session of the access token, and that of a refresh token in the body or cookie. Either token is enough.',
      auth: 'optional',
      isUncounted: true,
      body: RefreshInput,
      bodyRequired: false,
      answer: { status: 200, description: 'The session has ended.', schema: Done },
      errors: ['not_authenticated', 'forbidden', 'cross_site_request'],
    },
    async (c, { body }) => {
      clearForeignRefreshCookie(c)
      await logout(c.get('ctx'), body.refresh_token ?? readRefreshCookie(c))
      clearRefreshCookie(c)
      return { message: 'Signed out', success: true }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/logout-all',
      operationId: 'logoutAll',
      tag,
      summary: 'Sign out everywhere',
      auth: 'session',
      description: 'Your API keys go on, unless you say otherwise.',
      isUncounted: true,
      body: LogoutAllInput,
      bodyRequired: false,
      answer: { status: 200, description: 'All your sessions have ended.', schema: SignedOut },
    },
    async (c, { body }) => {
      clearForeignRefreshCookie(c)
      const api_keys_ended = await logoutAll(c.get('ctx'), body.end_api_keys)
      clearRefreshCookie(c)
      return { message: 'Signed out on all devices', success: true, api_keys_ended }
    },
  ),
  endpoint(
    {
      method: 'get',
      path: '/auth/sessions',
      operationId: 'listSessions',
      tag,
      summary: 'Where I am signed in',
      auth: 'session',
      answer: {
        status: 200,
        description: 'Your sessions, the last used first.',
        schema: z.array(Session),
      },
    },
    async (c) => listSessions(c.get('ctx')),
  ),
  endpoint(
    {
      method: 'get',
      path: '/auth/sessions/current',
      operationId: 'getCurrentSession',
      tag,
      summary: 'The session of this access token',
      description: 'The cheapest way to ask whether a token still holds.',
      auth: 'session',
      answer: { status: 200, description: 'The session.', schema: CurrentSession },
    },
    async (c) => {
      const person = requirePerson(c.get('ctx'))
      if (person.type !== 'session') throw new AppError('forbidden')
      return {
        id: person.sessionId,
        user_id: person.userId,
        username: person.username,
        role: person.role,
        trust_level: person.trustLevel,
        is_silenced: person.isSilenced,
        authenticated_at: new Date(person.authenticatedAt).toISOString(),
      }
    },
  ),
  endpoint(
    {
      method: 'delete',
      path: '/auth/sessions/:id',
      operationId: 'endSession',
      tag,
      summary: 'Sign out on one device',
      auth: 'session',
      isUncounted: true,
      params: SessionId,
      answer: { status: 200, description: 'The session has ended.', schema: Done },
      errors: ['not_found'],
    },
    async (c, { params }) => {
      await endOwnSession(c.get('ctx'), params.id)
      return { message: 'The session has ended', success: true }
    },
  ),
]
