import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { AppEnv } from '../../app-env.ts'
import { isSameSite } from '../../platform/http/site.ts'

const NAME = 'refresh_token'
const SECURE_NAME = `__Secure-${NAME}`

/** Below each of them are calls that take the cookie; a cookie has one path, so that there are two. */
const PATHS = ['/api/auth', '/auth']

/** Whether a `Cookie` header carries a refresh token, under either name. */
export function carriesRefreshCookie(header: string): boolean {
  return /(^|;\s*)(__Secure-)?refresh_token=/.test(header)
}

/**
 * The refresh token in the request's cookie: under the name that this deployment gives it, and from a
 * program under either. A browser has the other name from somebody else, such as a neighbouring host in
 * production: whoever planted it would have us act on a session of theirs.
 */
export function readRefreshCookie(c: Context<AppEnv>): string | undefined {
  return getCookie(c, nameOf(c)) ?? (isBrowser(c) ? undefined : getCookie(c, foreignNameOf(c)))
}

/**
 * Hands the refresh token to the browser where no script can read it. Only what is below `/api/auth` and
 * `/auth` gets it back: that is what takes it.
 *
 * @param maxAgeSeconds until the token expires
 * @param target where the browser goes now, if it is sent to a front end
 */
export function setRefreshCookie(
  c: Context<AppEnv>,
  token: string,
  maxAgeSeconds: number,
  target?: string,
): void {
  for (const path of PATHS)
    setCookie(c, nameOf(c), token, { ...attributesFor(c, target), path, maxAge: maxAgeSeconds })
}

export function clearRefreshCookie(c: Context<AppEnv>): void {
  if (getCookie(c, nameOf(c)) !== undefined) expire(c, nameOf(c))
}

/** Takes away from a browser a refresh token under a name which this deployment does not use. */
export function clearForeignRefreshCookie(c: Context<AppEnv>): void {
  const foreign = foreignNameOf(c)
  if (isBrowser(c) && getCookie(c, foreign) !== undefined) expire(c, foreign)
}

function expire(c: Context<AppEnv>, name: string): void {
  for (const path of PATHS) deleteCookie(c, name, { ...attributesFor(c), path })
}

/**
 * A front end on our own site gets the cookie that no other site can have sent (`Lax`). To one on another
 * site, which the configuration names, browsers only send it as `None`; then the check of the origin is
 * what keeps foreign pages out. Set for a script of its own it is kept for that front end alone
 * (`Partitioned`, which browsers need that block cookies of third parties); one that a redirect sets is
 * set on our own site, where a partition would hide it from the front end.
 */
function attributesFor(c: Context<AppEnv>, target?: string) {
  const always = { httpOnly: true, secure: true } as const
  const own = ownAddress(c)
  if (target !== undefined) {
    const isNear = target.startsWith('/') || isSameSite(target, own)
    return { ...always, sameSite: isNear ? 'Lax' : 'None' } as const
  }
  return isFromKnownOtherSite(c, own)
    ? ({ ...always, sameSite: 'None', partitioned: true } as const)
    : ({ ...always, sameSite: 'Lax' } as const)
}

function isFromKnownOtherSite(c: Context<AppEnv>, own: string): boolean {
  const origin = c.req.header('origin')
  if (origin === undefined || !c.get('ctx').config.CORS_ORIGINS.includes(origin)) return false
  const site = c.req.header('sec-fetch-site')
  return site === undefined ? !isSameSite(origin, own) : site === 'cross-site'
}

/** The address of this server as browsers know it. */
function ownAddress(c: Context<AppEnv>): string {
  return c.get('ctx').config.PUBLIC_URL ?? c.req.url
}

/** Says so with every request that changes something, and no page can leave it out. */
function isBrowser(c: Context<AppEnv>): boolean {
  return c.req.header('origin') !== undefined || c.req.header('sec-fetch-site') !== undefined
}

/** The prefix keeps hosts that share our domain, and plain HTTP, from setting it. */
function nameOf(c: Context<AppEnv>): string {
  return c.get('ctx').config.isProduction ? SECURE_NAME : NAME
}

function foreignNameOf(c: Context<AppEnv>): string {
  return nameOf(c) === SECURE_NAME ? NAME : SECURE_NAME
}
