import type { HonoRequest } from 'hono'
import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import {
  type ApplicationClaims,
  readAlive,
  verifyApplicationToken,
} from '../../credentials/oauth/index.ts'
import { requireActive } from '../../credentials/principals/index.ts'
import { AppError } from '../../errors.ts'
import { readForm } from '../../platform/http/form-body.ts'
import { authenticateClient } from './client-auth.ts'
import { readRefreshToken } from './refresh-token.ts'

/** RFC 7662 §2.2. */
export const Introspection = z
  .object({
    active: z.boolean(),
    scope: z.string().optional(),
    client_id: z.string().optional(),
    username: z.string().optional(),
    token_type: z.string().optional(),
    exp: z.int().optional(),
    iat: z.int().optional(),
    sub: z.string().optional(),
    aud: z.union([z.string(), z.array(z.string())]).optional(),
    iss: z.string().optional(),
    jti: z.string().optional(),
  })
  .meta({ id: 'OAuthIntrospection' })
type Introspection = z.input<typeof Introspection>

const INACTIVE: Introspection = { active: false }

/**
 * RFC 7662: what a token is worth now. Clients that can prove who they are may ask about their own tokens, those
 * that an administrator has marked about everybody's; of anything else all one hears is that it is not active.
 */
export async function introspect(
  ctx: Ctx,
  req: HonoRequest,
  issuer: string,
): Promise<Introspection> {
  const form = await readForm(req)
  const client = await authenticateClient(ctx, req, form, issuer)
  if (client.authMethod === 'none')
    throw new AppError('unauthorized_client', 'A client without a secret may not ask.')
  const token = form.get('token')
  if (token === null) throw new AppError('invalid_request', '"token" is missing.')
  const mayAsk = (clientId: string) => client.mayIntrospect || clientId === client.clientId
  const refresh = await readRefreshToken(ctx, token)
  if (refresh) {
    const { grant, id } = refresh
    if (!mayAsk(grant.clientId)) return INACTIVE
    const claims = { ...id, clientId: grant.clientId, sessionId: grant.sessionId }
    if (!(await whoIsBehind(ctx, claims))) return INACTIVE
    return {
      active: true,
      client_id: grant.clientId,
      scope: grant.scopes.join(' '),
      ...(id.userId !== null && { sub: String(id.userId) }),
      iss: issuer,
    }
  }
  const claims = await readClaims(ctx, token, issuer)
  if (!claims || !mayAsk(claims.clientId)) return INACTIVE
  const behind = await whoIsBehind(ctx, claims)
  if (!behind) return INACTIVE
  const { audience } = claims
  return {
    active: true,
    scope: claims.scopes.join(' '),
    client_id: claims.clientId,
    ...(behind.person && { username: behind.person.username }),
    token_type: 'Bearer',
    exp: claims.expiresAt,
    iat: claims.issuedAt,
    sub: claims.userId === null ? claims.clientId : String(claims.userId),
    aud: audience.length === 1 && audience[0] ? audience[0] : audience,
    iss: claims.issuer,
    jti: claims.tokenId,
  }
}

/** @returns null: nothing, or somebody who may nothing now */
async function whoIsBehind(
  ctx: Ctx,
  claims: Pick<ApplicationClaims, 'grantId' | 'userId' | 'clientId' | 'sessionId'>,
) {
  const alive = await readAlive(ctx, claims)
  try {
    if (alive?.person) requireActive(alive.person, ctx.clock.now())
    return alive
  } catch (error) {
    if (error instanceof AppError && error.code === 'account_disabled') return null
    throw error
  }
}

async function readClaims(ctx: Ctx, token: string, issuer: string) {
  try {
    return await verifyApplicationToken(ctx, token, issuer)
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_token') return null
    throw error
  }
}
