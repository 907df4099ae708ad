import type { Ctx } from '../../../context.ts'
import { openGrant } from '../../../credentials/oauth/index.ts'
import { AppError } from '../../../errors.ts'
import { recordSoon } from '../../../notices/audit/index.ts'
import { sha256Hex } from '../../../platform/crypto/hash.ts'
import { readClaims } from '../claims.ts'
import type { Code } from '../code.ts'
import { newRefreshToken } from '../refresh-token.ts'
import { checkResources } from '../resources.ts'
import { answerTokens, type TokenAnswer } from '../token-answer.ts'
import type { TokenRequest } from './grant.ts'

/** A code that comes back later is still known to be one that was used. */
const USED_MS = 24 * 3_600_000

/**
 * Gives what a code is good for, once. A second use ends what the first one gave.
 *
 * @param code whose client and conditions have been checked
 * @throws {AppError} `invalid_grant`, `invalid_target`
 */
export async function redeem(
  ctx: Ctx,
  { client, form, issuer }: TokenRequest,
  code: Code,
): Promise<TokenAnswer> {
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
