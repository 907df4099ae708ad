import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import type { IdTokenAlgorithm } from '../../db/schema/oauth.ts'
import { AppError } from '../../errors.ts'
import { isCanonicalJws } from '../../platform/crypto/encoding.ts'
import { parseJson } from '../../platform/json.ts'

/** RFC 9068 §2.1: by it nobody takes one for an ID token, or for a token of a session. */
const TYPE = 'at+jwt'

/** What an application's access token says. Its grant, not the token, decides whether it still holds. */
export interface ApplicationClaims {
  issuer: string
  clientId: string
  grantId: string
  /** Null: the application acts for itself. */
  userId: number | null
  sessionId: string | null
  scopes: string[]
  audience: string[]
  tokenId: string
  /** Seconds since the epoch. */
  issuedAt: number
  expiresAt: number
}

const Claims = z.object({
  iss: z.string(),
  sub: z.string(),
  client_id: z.string(),
  grant: z.string().regex(/^[\w-]{1,64}$/),
  sid: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  scope: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  jti: z.string(),
  iat: z.int(),
  exp: z.int(),
})

const Header = z.strictObject({ alg: z.string(), kid: z.string(), typ: z.literal(TYPE) })

type TokenCtx = Pick<Ctx, 'config' | 'services' | 'clock'>

/** @param algorithm by which the client reads its tokens */
export async function signApplicationToken(
  ctx: TokenCtx,
  claims: ApplicationClaims,
  algorithm: IdTokenAlgorithm,
): Promise<string> {
  const key = await ctx.services.keyRing.current(ctx.clock.now(), algorithm)
  const { audience } = claims
  return new SignJWT({
    client_id: claims.clientId,
    grant: claims.grantId,
    scope: claims.scopes.join(' '),
    ...(claims.sessionId && { sid: claims.sessionId }),
  })
    .setProtectedHeader({ alg: algorithm, kid: key.kid, typ: TYPE })
    .setIssuer(claims.issuer)
    .setSubject(claims.userId === null ? claims.clientId : String(claims.userId))
    .setAudience(audience.length === 1 && audience[0] ? audience[0] : audience)
    .setJti(claims.tokenId)
    .setIssuedAt(claims.issuedAt)
    .setExpirationTime(claims.expiresAt)
    .sign(key.access.sign)
}

/** Whether a credential says of itself that it is an application's access token. */
export function isApplicationToken(token: string): boolean {
  const [header = ''] = token.split('.', 1)
  if (header.length > 300) return false
  try {
    const { typ } = (parseJson(atob(header.replaceAll('-', '+').replaceAll('_', '/'))) ?? {}) as {
      typ?: unknown
    }
    return typ === TYPE
  } catch {
    return false
  }
}

/**
 * Checks signature, form and time.
 *
 * @param issuer who must have issued it
 * @throws {AppError} `invalid_token`
 */
export async function verifyApplicationToken(
  ctx: TokenCtx,
  token: string,
  issuer: string,
): Promise<ApplicationClaims> {
  const nowMs = ctx.clock.now()
  if (!isCanonicalJws(token)) throw invalid()
  const header = Header.safeParse(decodeHeader(token))
  const key = header.success ? await ctx.services.keyRing.find(header.data.kid, nowMs) : null
  if (!key) throw invalid()
  try {
    const { payload } = await jwtVerify(token, key.access.verify, {
      algorithms: [key.algorithm],
      typ: TYPE,
      issuer,
      currentDate: new Date(nowMs),
    })
    const claims = Claims.parse(payload)
    return {
      issuer: claims.iss,
      clientId: claims.client_id,
      grantId: claims.grant,
      userId: claims.sub === claims.client_id ? null : Number(claims.sub),
      sessionId: claims.sid ?? null,
      scopes: claims.scope.split(' ').filter(Boolean),
      audience: [claims.aud].flat(),
      tokenId: claims.jti,
      issuedAt: claims.iat,
      expiresAt: claims.exp,
    }
  } catch (error) {
    throw invalid(error)
  }
}

function decodeHeader(token: string): unknown {
  try {
    return decodeProtectedHeader(token)
  } catch {
    return null
  }
}

function invalid(cause?: unknown): AppError {
  return new AppError('invalid_token', undefined, { cause })
}
