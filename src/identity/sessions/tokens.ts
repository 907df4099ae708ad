import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import type { Config } from '../../config.ts'
import { ROLES } from '../../db/schema/users.ts'
import { AppError } from '../../errors.ts'
import { isCanonicalJws } from '../../platform/crypto/encoding.ts'
import type { KeyRing, RingKey } from '../../ports/key-ring.ts'
import type { Tokens } from '../../ports/tokens.ts'

const registered = z.object({
  sub: z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number),
  sid: z.string().regex(/^[\w-]{1,64}$/),
  jti: z.string().min(1).max(64),
})
const access = registered.extend({
  type: z.literal('access'),
  username: z.string(),
  role: z.enum(ROLES),
  // Older tokens do not say it; like the role it only says what to expect.
  trust_level: z.int().default(0),
})
const refresh = registered.extend({ type: z.literal('refresh'), session_exp: z.int() })

/** Our tokens name their key and nothing else: no header that points to a key is ever looked at. */
const Header = z.strictObject({ alg: z.string(), kid: z.string(), typ: z.literal('JWT') })

export function createTokens(config: Config, keyRing: KeyRing): Tokens {
  const sign = (
    payload: Record<string, string | number>,
    { userId, jti }: { userId: number; jti: string },
    part: 'access' | 'refresh',
    key: RingKey,
    nowMs: number,
    ttlSeconds: number,
  ) => {
    const issuedAt = Math.floor(nowMs / 1000)
    return new SignJWT({ ...payload, type: part })
      .setProtectedHeader({ alg: algorithmOf(key, part), kid: key.kid, typ: 'JWT' })
      .setSubject(String(userId))
      .setJti(jti)
      .setIssuer(config.issuer)
      .setAudience(config.JWT_AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(key[part].sign)
  }

  const verify = async <Claims>(
    token: string,
    part: 'access' | 'refresh',
    schema: z.ZodType<Claims>,
    nowMs: number,
  ): Promise<Claims> => {
    if (!isCanonicalJws(token)) throw invalid()
    const key = await keyRing.find(readKid(token), nowMs)
    if (!key) throw invalid()
    try {
      const { payload } = await jwtVerify(token, key[part].verify, {
        // The key's own algorithm: what the header says must be the same, never decides.
        algorithms: [algorithmOf(key, part)],
        issuer: config.issuer,
        audience: config.JWT_AUDIENCE,
        requiredClaims: ['exp', 'iat', 'sub', 'jti'],
        currentDate: new Date(nowMs),
      })
      return schema.parse(payload)
    } catch (error) {
      throw error instanceof errors.JWTExpired
        ? invalid('The token has expired.', error)
        : invalid(undefined, error)
    }
  }

  return {
    async signPair({ user, sessionId, accessTokenId, refreshTokenId, endsAt }, nowMs) {
      const key = await keyRing.current(nowMs)
      const left = Math.max(1, Math.floor((endsAt - nowMs) / 1000))
      const accessTtl = Math.min(config.accessTokenTtlSeconds, left)
      const refreshTtl = Math.min(config.refreshTokenTtlSeconds, left)
      const [access_token, refresh_token] = await Promise.all([
        sign(
          {
            sid: sessionId,
            username: user.username,
            role: user.role,
            trust_level: user.trustLevel,
          },
          { userId: user.id, jti: accessTokenId },
          'access',
          key,
          nowMs,
          accessTtl,
        ),
        sign(
          { sid: sessionId, session_exp: Math.floor(endsAt / 1000) },
          { userId: user.id, jti: refreshTokenId },
          'refresh',
          key,
          nowMs,
          refreshTtl,
        ),
      ])
      return { access_token, refresh_token, expires_in: accessTtl, refresh_expires_in: refreshTtl }
    },

    async verifyAccess(token, nowMs) {
      const claims = await verify(token, 'access', access, nowMs)
      const { sub, sid, jti, username, role, trust_level } = claims
      return { userId: sub, sessionId: sid, tokenId: jti, username, role, trustLevel: trust_level }
    },

    async verifyRefresh(token, nowMs) {
      const { sub, sid, jti, session_exp } = await verify(token, 'refresh', refresh, nowMs)
      return { userId: sub, sessionId: sid, tokenId: jti, endsAt: session_exp * 1000 }
    },
  }
}

function algorithmOf(key: RingKey, part: 'access' | 'refresh'): string {
  return part === 'access' ? key.algorithm : 'HS256'
}

function readKid(token: string): string {
  try {
    return Header.parse(decodeProtectedHeader(token)).kid
  } catch (error) {
    throw invalid(undefined, error)
  }
}

function invalid(detail = 'Could not validate credentials.', cause?: unknown): AppError {
  return new AppError('invalid_token', detail, { cause })
}
