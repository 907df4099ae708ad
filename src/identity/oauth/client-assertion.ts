import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Ctx } from '../../context.ts'
import type { OAuthClient } from '../../credentials/oauth/index.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'

/** RFC 7523 §2.2. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export const ASSERTION_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const

/** No assertion is good for longer, whatever it says. */
const MAX_LIFETIME_SECONDS = 600

/** Whether a client has signed an assertion about itself for us, and shows it for the first time. */
export async function verifyAssertion(
  ctx: Ctx,
  client: OAuthClient,
  assertion: string,
  issuer: string,
): Promise<boolean> {
  if (!client.jwks) return false
  const nowMs = ctx.clock.now()
  try {
    const { payload } = await jwtVerify(
      assertion,
      createLocalJWKSet(client.jwks as unknown as JSONWebKeySet),
      {
        algorithms: [...ASSERTION_ALGORITHMS],
        issuer: client.clientId,
        subject: client.clientId,
        audience: [issuer, `${issuer}/oauth/token`],
        requiredClaims: ['exp', 'jti'],
        currentDate: new Date(nowMs),
      },
    )
    const { exp = 0, jti = '' } = payload
    if (exp - nowMs / 1000 > MAX_LIFETIME_SECONDS) return false
    return await isFirstUse(ctx, client.clientId, jti)
  } catch (error) {
    // What jose throws is about the assertion; everything else is not.
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J'))
      return false
    throw error
  }
}

async function isFirstUse(ctx: Ctx, clientId: string, jti: string): Promise<boolean> {
  const key = `once:oauth-assertion:${sha256Hex(`${clientId} ${jti}`)}`
  const set = await ctx.services.redis.set(key, ctx.requestId, {
    nx: true,
    get: true,
    ex: MAX_LIFETIME_SECONDS,
  })
  return set === null || set === ctx.requestId
}
