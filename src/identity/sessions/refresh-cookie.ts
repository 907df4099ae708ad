import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { AppEnv } from '../../app-env.ts'

const NAME = 'refresh_token'
const SECURE_NAME = `__Secure-${NAME}`

/** Whether a `Cookie` header carries a refresh token, under either name. */
export function carriesRefreshCookie(header: string): boolean {
  return /(^|;\s*)(__Secure-)?refresh_token=/.test(header)
}

/**
 * The refresh token in the request's cookie, under the one name that this deployment gives it: in
 * production a plain one is not ours, and whoever planted it would have us act on a session of theirs.
 */
export function readRefreshCookie(c: Context<AppEnv>): string | undefined {
  return getCookie(c, nameOf(c))
}

/**
 * Hands the refresh token to the browser where no script can read it. Only `…/auth/*` below the
 * mount that was called gets it back: that is what refresh and logout allow.
 *
 * @param maxAgeSeconds until the token expires
 */
export function setRefreshCookie(c: Context<AppEnv>, token: string, maxAgeSeconds: number): void {
  setCookie(c, nameOf(c), token, { ...attributes, path: pathOf(c), maxAge: maxAgeSeconds })
}

export function clearRefreshCookie(c: Context<AppEnv>): void {
  if (readRefreshCookie(c) !== undefined) expire(c, nameOf(c))
}

/** Takes away a refresh token that came along under a name which this deployment does not use. */
export function clearForeignRefreshCookie(c: Context<AppEnv>): void {
  const foreign = nameOf(c) === SECURE_NAME ? NAME : SECURE_NAME
  if (getCookie(c, foreign) !== undefined) expire(c, foreign)
}

function expire(c: Context<AppEnv>, name: string): void {
  deleteCookie(c, name, { ...attributes, path: pathOf(c) })
}

const attributes = { httpOnly: true, secure: true, sameSite: 'Lax' } as const

/** The prefix keeps hosts that share our domain, and plain HTTP, from setting it. */
function nameOf(c: Context<AppEnv>): string {
  return c.get('ctx').config.isProduction ? SECURE_NAME : NAME
}

/** `/api/auth` or its alias `/auth`, whichever was called. */
function pathOf(c: Context<AppEnv>): string {
  return /^(\/api)?\/auth(?=\/)/.exec(c.req.path)?.[0] ?? '/api/auth'
}
