import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { recordSoon } from '../../notices/audit/index.ts'
import { endSession } from '../sessions/index.ts'
import { resolveClient } from './resolve-client.ts'

const PAGE = '/console/sign-out'
const DONE = '/login'

const Hint = z.object({
  sub: z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number),
  aud: z.string(),
  sid: z.string().regex(/^[\w-]{1,64}$/),
})

/**
 * OpenID Connect RP-Initiated Logout: an application ends the session that a person began with it. What shows
 * that it was theirs is an ID token of ours, however old; without one the person is asked.
 *
 * @returns where the browser goes
 * @throws {AppError} `invalid_request` for an address that is not the client's
 */
export async function logOut(ctx: Ctx, params: URLSearchParams, issuer: string): Promise<string> {
  const hint = await readHint(ctx, params.get('id_token_hint'), issuer)
  const clientId = params.get('client_id') ?? hint?.aud ?? null
  if (hint && clientId !== hint.aud)
    throw new AppError('invalid_request', '"id_token_hint" is another client\'s.')
  const target = await readTarget(ctx, params, clientId)
  if (!hint) {
    if (params.get('confirmed') !== 'yes') {
      const kept = new URLSearchParams(params)
      kept.delete('id_token_hint')
      return `${PAGE}?${kept}`
    }
    return target ?? DONE
  }
  if (await endSession(ctx, hint.sub, hint.sid))
    recordSoon(ctx, {
      event: 'session.ended',
      userId: hint.sub,
      details: { client_id: hint.aud },
    })
  return target ?? DONE
}

/** Registered letter by letter (§3.1). */
async function readTarget(ctx: Ctx, params: URLSearchParams, clientId: string | null) {
  const uri = params.get('post_logout_redirect_uri')
  if (uri === null) return null
  const client = clientId === null ? null : await resolveClient(ctx, clientId)
  if (!client?.postLogoutRedirectUris.includes(uri))
    throw new AppError('invalid_request', '"post_logout_redirect_uri" is not one of the client\'s.')
  const state = params.get('state')
  if (state === null) return uri
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`
}

/** @returns null for what is no ID token of ours */
async function readHint(ctx: Ctx, token: string | null, issuer: string) {
  if (token === null) return null
  try {
    const { kid = '', typ } = decodeProtectedHeader(token)
    const key = typ === 'JWT' ? await ctx.services.keyRing.find(kid, ctx.clock.now()) : null
    if (!key || key.algorithm === 'HS256') return null
    const { payload } = await jwtVerify(token, key.access.verify, {
      algorithms: [key.algorithm],
      issuer,
      // It says who it was, not that it still counts.
      currentDate: new Date((decodeJwt(token).iat ?? 0) * 1000),
    })
    return Hint.safeParse(payload).data ?? null
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J'))
      return null
    if (error instanceof TypeError) return null
    throw error
  }
}
