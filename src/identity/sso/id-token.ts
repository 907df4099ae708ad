import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { isCanonicalJws } from '../../platform/crypto/encoding.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'
import type { ReadyProvider } from './discovery.ts'

/** Public-key signatures only: with a shared secret, whoever can check a token could also make one. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
const CLOCK_TOLERANCE_SECONDS = 30
const FRESH_MS = 3_600_000
/** A token can name any key id, so that unknown ones must not make us ask without end. */
const RETRY_AFTER_MS = 30_000
const MAX_CACHED = 100

interface CachedKeys {
  keys: JSONWebKeySet
  fetchedAt: number
}

/** This isolate's copies, by the address of the key set. */
const cache = new Map<string, CachedKeys>()

/** Why a token was refused, in a word of ours or of jose's. */
export class IdTokenError extends Error {
  override readonly name = 'IdTokenError'
}

/**
 * Checks an ID token (OpenID Connect Core §3.1.3.7).
 *
 * @param nonce what the token must carry; null: it must carry none
 * @throws {IdTokenError} when the token is not what it must be
 * @throws {AppError} `provider_failed` when the provider's keys cannot be had
 */
export async function verifyIdToken(
  ctx: Ctx,
  provider: ReadyProvider,
  token: string,
  nonce: string | null,
): Promise<JWTPayload> {
  const check = (keys: JSONWebKeySet) =>
    jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: ALGORITHMS,
      issuer: provider.issuer,
      audience: provider.clientId,
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(ctx.clock.now()),
    })

  if (!isCanonicalJws(token)) throw new IdTokenError('spelling')
  let payload: JWTPayload
  try {
    const known = await readKeys(ctx, provider, FRESH_MS)
    const verified = await check(known).catch(async (error: unknown) => {
      // The provider may have changed its keys since.
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      return check(await readKeys(ctx, provider, RETRY_AFTER_MS))
    })
    payload = verified.payload
  } catch (error) {
    if (error instanceof AppError) throw error
    const reason = error instanceof errors.JOSEError ? error.code : 'malformed'
    throw new IdTokenError(reason, { cause: error })
  }
  if ((payload.nonce ?? null) !== nonce) throw new IdTokenError('nonce')
  // Made for several applications: the one that asked for it must be us.
  const audiences = Array.isArray(payload.aud) ? payload.aud : [payload.aud]
  if (audiences.length > 1 && payload.azp !== provider.clientId) throw new IdTokenError('azp')
  return payload
}

/**
 * Uses a checked token up, so that it is good for one sign-in: whoever finds it later in a log or a
 * history gets nothing. What was signed names it: of a signature there can be several spellings, and
 * with some algorithms several that hold.
 *
 * @returns false when it was used before
 */
export async function useIdToken(ctx: Ctx, token: string, claims: JWTPayload): Promise<boolean> {
  const signed = token.slice(0, token.lastIndexOf('.'))
  const remainingSeconds = Math.ceil((claims.exp ?? 0) - ctx.clock.now() / 1000)
  const isFirst = await ctx.services.redis.set(`once:id-token:${sha256Hex(signed)}`, '1', {
    nx: true,
    ex: Math.max(0, remainingSeconds) + 2 * CLOCK_TOLERANCE_SECONDS,
  })
  return isFirst !== null
}

async function readKeys(
  ctx: Ctx,
  { endpoints, http }: ReadyProvider,
  maxAgeMs: number,
): Promise<JSONWebKeySet> {
  const address = endpoints.jwks
  if (!address) throw http.failure('jwks', 'no_address')
  const now = ctx.clock.now()
  const cached = cache.get(address)
  if (cached && cached.fetchedAt + maxAgeMs > now) return cached.keys
  const { status, json } = await http.call('jwks', new Request(address))
  if (status !== 200 || !isKeySet(json)) throw http.failure('jwks', `status_${status}`)
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(address, { keys: json, fetchedAt: now })
  return json
}

function isKeySet(json: unknown): json is JSONWebKeySet {
  return typeof json === 'object' && json !== null && 'keys' in json && Array.isArray(json.keys)
}
