import type { Role } from '../db/schema/users.ts'

/** What an access token says. The session record, not the token, decides whether it still holds. */
export interface AccessClaims {
  userId: number
  username: string
  role: Role
  trustLevel: number
  sessionId: string
  tokenId: string
}

export interface RefreshClaims {
  userId: number
  sessionId: string
  tokenId: string
  /** When the session ends whatever happens; milliseconds since the epoch. */
  endsAt: number
}

export interface TokenPair {
  access_token: string
  refresh_token: string
  /** Seconds until the access token expires. */
  expires_in: number
  /** Seconds until the refresh token expires. */
  refresh_expires_in: number
}

/** Whom a pair is for. */
export interface PairSubject {
  user: { id: number; username: string; role: Role; trustLevel: number }
  sessionId: string
  accessTokenId: string
  refreshTokenId: string
  endsAt: number
}

/** Signs and checks our own JWTs (RFC 7519, RFC 8725). Times are milliseconds since the epoch. */
export interface Tokens {
  /** No token of the pair outlives the session. */
  signPair(subject: PairSubject, nowMs: number): Promise<TokenPair>
  /** @throws {AppError} `invalid_token` */
  verifyAccess(token: string, nowMs: number): Promise<AccessClaims>
  /** @throws {AppError} `invalid_token` */
  verifyRefresh(token: string, nowMs: number): Promise<RefreshClaims>
}
