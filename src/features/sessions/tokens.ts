import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import type { Config } from '../../config.ts'
import { ROLES } from '../../db/schema/users.ts'
import { AppError } from '../../errors.ts'

/** What an access token says. The session record, not the token, decides whether it still holds. */
export interface AccessClaims {
  userId: number
  username: string
  role: (typeof ROLES)[number]
  sessionId: string
  tokenId: string
}

export interface RefreshClaims {
  userId: number
  sessionId: string
  tokenId: string
}

/** Signs and checks our own JWTs (RFC 7519, RFC 8725). Times are milliseconds since the epoch. */
export interface Tokens {
  signAccess(claims: AccessClaims, nowMs: number): Promise<string>
  /** @throws {AppError} `invalid_token` */
  verifyAccess(token: string, nowMs: number): Promise<AccessClaims>
  signRefresh(claims: RefreshClaims, nowMs: number, ttlSeconds: number): Promise<string>
  /** @throws {AppError} `invalid_token` */
  verifyRefresh(token: string, nowMs: number): Promise<RefreshClaims>
}

const registered = z.object({
  sub: z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number),
  sid: z.string().min(1),
  jti: z.string().min(1),
})
const access = registered.extend({
  type: z.literal('access'),
  username: z.string(),
  role: z.enum(ROLES),
})
const refresh = registered.extend({ type: z.literal('refresh') })

export function createTokens(config: Config): Tokens {
  const accessKey = new TextEncoder().encode(config.JWT_SECRET_KEY)
  const refreshKey = config.REFRESH_TOKEN_SECRET_KEY
    ? new TextEncoder().encode(config.REFRESH_TOKEN_SECRET_KEY)
    : accessKey
  const algorithm = config.JWT_ALGORITHM

  const sign = (
    payload: Record<string, string>,
    subject: number,
    jti: string,
    key: Uint8Array,
    nowMs: number,
    ttlSeconds: number,
  ) => {
    const issuedAt = Math.floor(nowMs / 1000)
    return new SignJWT(payload)
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setSubject(String(subject))
      .setJti(jti)
      .setIssuer(config.issuer)
      .setAudience(config.JWT_AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(key)
  }

  const verify = async <Claims>(
    token: string,
    key: Uint8Array,
    schema: z.ZodType<Claims>,
    nowMs: number,
  ) => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer: config.issuer,
        audience: config.JWT_AUDIENCE,
        requiredClaims: ['exp', 'iat', 'sub', 'jti'],
        currentDate: new Date(nowMs),
      })
      return schema.parse(payload)
    } catch (error) {
      const detail =
        error instanceof errors.JWTExpired
          ? 'The token has expired.'
          : 'Could not validate credentials.'
      throw new AppError('invalid_token', detail, { cause: error })
    }
  }

  return {
    signAccess: ({ userId, tokenId, sessionId, username, role }, nowMs) =>
      sign(
        { sid: sessionId, type: 'access', username, role },
        userId,
        tokenId,
        accessKey,
        nowMs,
        config.accessTokenTtlSeconds,
      ),

    async verifyAccess(token, nowMs) {
      const { sub, sid, jti, username, role } = await verify(token, accessKey, access, nowMs)
      return { userId: sub, sessionId: sid, tokenId: jti, username, role }
    },

    signRefresh: ({ userId, tokenId, sessionId }, nowMs, ttlSeconds) =>
      sign({ sid: sessionId, type: 'refresh' }, userId, tokenId, refreshKey, nowMs, ttlSeconds),

    async verifyRefresh(token, nowMs) {
      const { sub, sid, jti } = await verify(token, refreshKey, refresh, nowMs)
      return { userId: sub, sessionId: sid, tokenId: jti }
    },
  }
}
