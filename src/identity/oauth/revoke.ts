import type { HonoRequest } from 'hono'
import type { Ctx } from '../../context.ts'
import {
  endGrant,
  forgetGrantsHere,
  type OAuthClient,
  verifyApplicationToken,
} from '../../credentials/oauth/index.ts'
import { AppError } from '../../errors.ts'
import { recordSoon } from '../../notices/audit/index.ts'
import { readForm } from '../../platform/http/form-body.ts'
import { authenticateClient } from './client-auth.ts'
import { readRefreshToken } from './refresh-token.ts'

/**
 * RFC 7009: a client gives back what it was given. With either token the whole grant ends (§2.1). Of a token
 * that is nobody's, or another client's, nothing is said.
 */
export async function revoke(ctx: Ctx, req: HonoRequest, issuer: string): Promise<void> {
  const form = await readForm(req)
  const client = await authenticateClient(ctx, req, form, issuer)
  const token = form.get('token')
  if (token === null) throw new AppError('invalid_request', '"token" is missing.')
  const named = await grantOf(ctx, token, client, issuer)
  if (!named) return
  await endGrant(ctx.services.redis, named.grantId, client.clientId)
  forgetGrantsHere(({ grantId }) => grantId === named.grantId)
  if (named.userId === null) return
  recordSoon(ctx, {
    event: 'oauth.grant_ended',
    userId: named.userId,
    details: { client_id: client.clientId },
  })
}

async function grantOf(ctx: Ctx, token: string, client: OAuthClient, issuer: string) {
  const refresh = await readRefreshToken(ctx, token)
  if (refresh) return refresh.grant.clientId === client.clientId ? refresh.id : null
  try {
    const claims = await verifyApplicationToken(ctx, token, issuer)
    return claims.clientId === client.clientId ? claims : null
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_token') return null
    throw error
  }
}
