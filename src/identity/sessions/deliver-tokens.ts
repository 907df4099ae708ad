import type { Context } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../../app-env.ts'
import type { TokenPair } from '../../ports/tokens.ts'
import { setRefreshCookie } from './refresh-cookie.ts'

/** Part of the query of every call that answers with tokens. */
export const TransportQuery = z.object({
  useCookies: z
    .enum(['true', 'false', '1', '0', ''])
    .optional()
    .describe('`true`: the refresh token comes as an HttpOnly cookie and not in the body.'),
})

/**
 * Puts the refresh token where the caller wants it: in the body, or in a cookie and not in the body.
 *
 * @param wanted what the query says; absent: `REFRESH_TOKEN_TRANSPORT`
 * @param target where the browser is sent with it
 */
export function deliverTokens<Answer extends TokenPair>(
  c: Context<AppEnv>,
  answer: Answer,
  wanted: z.output<typeof TransportQuery>['useCookies'],
  target?: string,
): Omit<Answer, 'refresh_token' | 'refresh_expires_in'> & { refresh_token?: string } {
  const { refresh_token, refresh_expires_in, ...rest } = answer
  const useCookie =
    wanted === undefined
      ? c.get('ctx').config.REFRESH_TOKEN_TRANSPORT === 'cookie'
      : wanted !== 'false' && wanted !== '0'
  // Tokens must not stay in any cache (RFC 6749 §5.1).
  c.header('cache-control', 'no-store')
  if (!useCookie) return { ...rest, refresh_token }
  setRefreshCookie(c, refresh_token, refresh_expires_in, target)
  return rest
}
