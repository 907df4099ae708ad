import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'
import { carriesRefreshCookie } from '../identity/sessions/index.ts'

const SAFE_METHOD = /^(GET|HEAD|OPTIONS)$/

/**
 * Refuses what another site makes a browser send: a request that changes something, and that our
 * cookie vouches for or that is about to set it, must come from our own pages or from those in
 * `CORS_ORIGINS`. Credentials in headers need no such check, since no foreign page can add them.
 */
export const refuseCrossSite: MiddlewareHandler<AppEnv> = (c, next) => {
  if (!SAFE_METHOD.test(c.req.method) && concernsCookies(c) && !isFromUs(c)) {
    throw new AppError('cross_site_request', 'This request came from another site.')
  }
  return next()
}

function concernsCookies(c: Context<AppEnv>): boolean {
  const { REFRESH_TOKEN_TRANSPORT } = c.get('ctx').config
  return (
    carriesRefreshCookie(c.req.header('cookie') ?? '') ||
    c.req.query('useCookies') !== undefined ||
    (REFRESH_TOKEN_TRANSPORT === 'cookie' && /\/auth\//.test(c.req.path))
  )
}

function isFromUs(c: Context<AppEnv>): boolean {
  const { config } = c.get('ctx')
  const origin = c.req.header('origin')
  if (origin !== undefined) {
    const ours = config.PUBLIC_URL ? new URL(config.PUBLIC_URL).origin : undefined
    return (
      origin === new URL(c.req.url).origin ||
      origin === ours ||
      config.CORS_ORIGINS.includes(origin)
    )
  }
  // Every browser sends Origin with such a request; without it only a program is left, unless the
  // browser itself says that another site is behind it.
  const site = c.req.header('sec-fetch-site')
  return site === undefined || site === 'same-origin' || site === 'none'
}
