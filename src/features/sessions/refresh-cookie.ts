import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { AppEnv } from '../../app-env.ts'

const NAME = 'refresh_token'
const SECURE_NAME = `__Secure-${NAME}`

/** Whether a `Cookie` header carries a refresh token, under either name. */
export function carriesRefreshCookie(header: string): boolean {
  return /(^|;\s*)(__Secure-)?refresh_token=/.test(header)
}

/** The refresh token in the request's cookie. */
export function readRefreshCookie(c: Context<AppEnv>): string | undefined {
  return getCookie(c, SECURE_NAME) ?? getCookie(c, NAME)
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
  if (readRefreshCookie(c) === undefined) return
  deleteCookie(c, nameOf(c), { ...attributes, path: pathOf(c) })
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
