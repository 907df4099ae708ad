import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import {
  type Grant,
  type OAuthClient,
  signApplicationToken,
} from '../../credentials/oauth/index.ts'
import { signIdToken } from './id-token.ts'

/** An access token lives this long at most, and no longer than a session's. */
const MAX_ACCESS_SECONDS = 3_600

/** RFC 6749 §5.1, OpenID Connect Core §3.1.3.3. */
export const TokenAnswer = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int(),
    scope: z.string(),
    refresh_token: z.string().optional(),
    id_token: z.string().optional(),
  })
  .meta({ id: 'OAuthTokens' })
export type TokenAnswer = z.input<typeof TokenAnswer>

interface Given {
  issuer: string
  client: OAuthClient
  grantId: string
  grant: Grant
  /** What this access token is for: all of the grant, or less. */
  scopes: string[]
  resources: string[]
  refreshToken: string | null
  nonce: string | null
  /** For the ID token, where one is due; null: none. */
  claims: Record<string, unknown> | null
}

/** Signs what a grant gives. */
export async function answerTokens(ctx: Ctx, given: Given): Promise<TokenAnswer> {
  const { issuer, client, grant, grantId, scopes, resources, refreshToken } = given
  const lifetime = Math.min(ctx.config.accessTokenTtlSeconds, MAX_ACCESS_SECONDS)
  const issuedAt = Math.floor(ctx.clock.now() / 1000)
  const accessToken = await signApplicationToken(
    ctx,
    {
      issuer,
      clientId: client.clientId,
      grantId,
      userId: grant.userId,
      sessionId: grant.sessionId,
      scopes,
      audience: resources.length > 0 ? resources : [issuer],
      tokenId: ctx.random.uuid(),
      issuedAt,
      expiresAt: issuedAt + lifetime,
    },
    client.idTokenAlgorithm,
  )
  const { userId } = grant
  const idToken =
    given.claims && userId !== null && scopes.includes('openid')
      ? await signIdToken(ctx, {
          ...{ issuer, client, grant, userId, nonce: given.nonce },
          accessToken,
          claims: given.claims,
        })
      : null
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: lifetime,
    scope: scopes.join(' '),
    ...(refreshToken && { refresh_token: refreshToken }),
    ...(idToken && { id_token: idToken }),
  }
}
