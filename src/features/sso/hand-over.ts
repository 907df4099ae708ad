import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'
import type * as z from 'zod'
import type { AppEnv } from '../../app-env.ts'
import { AppError } from '../../errors.ts'
import { type LoginAnswer, startSession } from '../sessions/index.ts'
import type { FinishedFlow } from './finish-flow.ts'
import type { LinkedIdentity } from './schemas.ts'

type Handed = z.input<typeof LoginAnswer> | z.input<typeof LinkedIdentity>

/** What a client gets that speaks JSON: a session, or the news that an identity was added. */
export async function handOver(
  c: Context<AppEnv>,
  provider: string,
  { user, isLinked }: FinishedFlow,
): Promise<Handed> {
  c.header('cache-control', 'no-store')
  if (isLinked) return { linked: true, provider, user_id: user.id }
  return startSession(c.get('ctx'), user)
}

/**
 * What a browser gets: the refresh token in a cookie, and a way to the front end, which exchanges it
 * for an access token. No token ever stands in an address.
 *
 * @param target already checked
 */
export async function redirectTo(
  c: Context<AppEnv>,
  target: string,
  provider: string,
  { user, isLinked }: FinishedFlow,
): Promise<Response> {
  c.header('cache-control', 'no-store')
  if (isLinked) return c.redirect(withParams(target, { linked: provider }), 303)
  const { refresh_token } = await startSession(c.get('ctx'), user)
  const { config } = c.get('ctx')
  setCookie(c, config.isProduction ? '__Secure-refresh_token' : 'refresh_token', refresh_token, {
    httpOnly: true,
    secure: true,
    sameSite: 'Lax',
    path: '/api/auth',
    maxAge: Math.min(config.refreshTokenTtlSeconds, config.sessionMaxSeconds),
  })
  return c.redirect(target, 303)
}

/**
 * Where a failed sign-in leaves the person: at the front end, with a code for it and words for them.
 * An outage is no answer of this kind.
 *
 * @returns null where the failure has to be answered right here
 */
export function redirectError(
  c: Context<AppEnv>,
  target: string | null,
  error: unknown,
): Response | null {
  if (target === null || !(error instanceof AppError)) return null
  if (error.status >= 500 && error.code !== 'provider_failed') return null
  c.header('cache-control', 'no-store')
  return c.redirect(
    withParams(target, { error: error.code, error_description: error.message }),
    303,
  )
}

/** Appends to the query of an address or a path. */
function withParams(target: string, params: Record<string, string>): string {
  const base = 'https://here.invalid'
  const url = new URL(target, base)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  return url.origin === base ? url.href.slice(base.length) : url.href
}
