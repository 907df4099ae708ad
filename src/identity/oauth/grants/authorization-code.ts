import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { endGrant, openGrant } from '../../../credentials/oauth/index.ts'
import { AppError } from '../../../errors.ts'
import { recordSoon } from '../../../notices/audit/index.ts'
import { toBase64Url } from '../../../platform/crypto/encoding.ts'
import { constantTimeEqual, sha256Hex } from '../../../platform/crypto/hash.ts'
import { readClaims } from '../claims.ts'
import { type Code, openCode } from '../code.ts'
import { newRefreshToken } from '../refresh-token.ts'
import { checkResources } from '../resources.ts'
import { answerTokens } from '../token-answer.ts'
import type { GrantHandler, TokenRequest } from './grant.ts'

/** A code that comes back later is still known to be one that was used. */
const USED_MS = 24 * 3_600_000

/**
 * RFC 6749 §4.1.3. A code works once; a second use ends what the first one gave (§4.1.2, RFC 9700 §4.5), whoever
 * it comes from.
 */
export const exchangeCode: GrantHandler = async (ctx, request) => {
  const { client, form, issuer } = request
  const code = await openCode(ctx, form.get('code') ?? '')
  const reason = whatIsWrong(request, code)
  if (reason) {
    ctx.logger.log('warn', 'oauth_code_refused', { request_id: ctx.requestId, reason })
    throw refused()
  }
  if (code.expiresAt <= ctx.clock.now()) {
    // It may have been used in time: then this is the second use.
    await endGrant(ctx.services.redis, code.grantId, client.clientId)
    throw refused()
  }
  const asked = checkResources(form.getAll('resource'), issuer)
  const resources = narrowed(asked, code.resources)
  const grant = {
    ...code,
    sessionId: code.isOffline ? null : code.sessionId,
    madeOn: code.sessionId,
  }
  const refreshToken = client.grantTypes.includes('refresh_token')
    ? newRefreshToken(ctx, code.grantId)
    : null
  const longestMs = ctx.config.sessionMaxSeconds * 1000
  const [outcome, claims] = await Promise.all([
    openGrant(ctx.services.redis, {
      grantId: code.grantId,
      grant,
      refreshHash: refreshToken && sha256Hex(refreshToken),
      requestId: ctx.requestId,
      nowMs: ctx.clock.now(),
      ttlMs: longestMs,
      usedMs: USED_MS,
      longestMs,
    }),
    readClaims(ctx, code.userId, code.scopes),
  ])
  if (outcome === 'replayed') {
    recordSoon(ctx, {
      event: 'oauth.code_reused',
      outcome: 'failure',
      userId: code.userId,
      details: { client_id: client.clientId },
    })
  }
  if (outcome !== 'opened') throw refused()
  return answerTokens(ctx, {
    ...{ issuer, client, grant, grantId: code.grantId, scopes: code.scopes, resources },
    ...{ refreshToken, nonce: code.nonce, claims },
  })
}

/** For the log: the client hears only that it does not work. */
function whatIsWrong({ client, form }: TokenRequest, code: Code): string | null {
  if (code.clientId !== client.clientId) return 'another client'
  const uri = form.get('redirect_uri')
  // Who named an address names it again; who did not may leave it out (OAuth 2.1 needs none at all).
  if (code.askedRedirectUri !== null && uri !== code.askedRedirectUri) return 'another address'
  const verifier = form.get('code_verifier')
  if (code.codeChallenge === null) return verifier === null ? null : 'a verifier without challenge'
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return 'no verifier'
  const hash = toBase64Url(sha256(utf8ToBytes(verifier)))
  return constantTimeEqual(hash, code.codeChallenge) ? null : 'another verifier'
}

/** RFC 8707 §2.2: a token for less than what was agreed to. */
export function narrowed(asked: readonly string[], agreed: readonly string[]): string[] {
  if (asked.length === 0) return [...agreed]
  const isWithin = agreed.length === 0 || asked.every((one) => agreed.includes(one))
  if (!isWithin) throw new AppError('invalid_target', 'Nobody agreed to that resource.')
  return [...asked]
}

export function refused(): AppError {
  return new AppError(
    'invalid_grant',
    'The code is unknown, used, expired, or not for this client.',
  )
}
