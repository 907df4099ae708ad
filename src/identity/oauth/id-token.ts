import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { SignJWT } from 'jose'
import type { Ctx } from '../../context.ts'
import type { Grant, OAuthClient } from '../../credentials/oauth/index.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'

const LIFETIME_SECONDS = 3_600

/** How sure we are of who it was: by one proof, or by two. */
export const ACR_VALUES = ['1', '2'] as const

interface Facts {
  issuer: string
  client: OAuthClient
  grant: Grant
  userId: number
  nonce: string | null
  accessToken: string
  /** What the person's scopes let it say about them. */
  claims: Record<string, unknown>
}

/** OpenID Connect Core §2. */
export async function signIdToken(ctx: Ctx, facts: Facts): Promise<string> {
  const { client, grant, nonce } = facts
  const algorithm = client.idTokenAlgorithm
  const now = Math.floor(ctx.clock.now() / 1000)
  const key = await ctx.services.keyRing.current(ctx.clock.now(), algorithm)
  return new SignJWT({
    ...facts.claims,
    auth_time: Math.floor(grant.authenticatedAt / 1000),
    acr: grant.hasSecondFactor ? ACR_VALUES[1] : ACR_VALUES[0],
    ...(grant.hasSecondFactor && { amr: ['mfa'] }),
    ...(grant.madeOn && { sid: grant.madeOn }),
    ...(nonce !== null && { nonce }),
    // The left half of the hash (§3.1.3.6).
    at_hash: toBase64Url(sha256(utf8ToBytes(facts.accessToken)).slice(0, 16)),
  })
    .setProtectedHeader({ alg: algorithm, kid: key.kid, typ: 'JWT' })
    .setIssuer(facts.issuer)
    .setSubject(String(facts.userId))
    .setAudience(client.clientId)
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME_SECONDS)
    .sign(key.access.sign)
}
