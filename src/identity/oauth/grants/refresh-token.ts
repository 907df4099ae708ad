import type { Ctx } from '../../../context.ts'
import { type Grant, rotateGrant } from '../../../credentials/oauth/index.ts'
import { loadPerson, personSnapshot, requireActive } from '../../../credentials/principals/index.ts'
import { AppError } from '../../../errors.ts'
import { recordSoon } from '../../../notices/audit/index.ts'
import { scopesAbove } from '../../../permissions.ts'
import { sha256Hex } from '../../../platform/crypto/hash.ts'
import { readClaims } from '../claims.ts'
import { findGrant, grantOfRefreshToken, nextRefreshToken } from '../refresh-token.ts'
import { checkResources } from '../resources.ts'
import { answerTokens } from '../token-answer.ts'
import type { GrantHandler } from './grant.ts'
import { narrowed } from './redeem.ts'

/**
 * RFC 6749 §6. A refresh token works once: another use of it ends the grant, since either use was a thief's
 * (RFC 9700 §4.14.2). Within `REFRESH_REUSE_LEEWAY_SECONDS` it gets the same successor again.
 */
export const exchangeRefreshToken: GrantHandler = async (ctx, { client, form, issuer }) => {
  const token = form.get('refresh_token') ?? ''
  const grantId = grantOfRefreshToken(token)
  if (grantId === null) throw refused()
  const { redis } = ctx.services
  const grant = await findGrant(ctx, grantId)
  if (!grant || grant.clientId !== client.clientId || grant.userId === null) throw refused()
  const scopes = narrowedScopes(form.get('scope'), grant)
  const resources = narrowed(checkResources(form.getAll('resource'), issuer), grant.resources)

  const next = nextRefreshToken(ctx, grantId, token)
  const longestMs = ctx.config.sessionMaxSeconds * 1000
  const [outcome, person, claims] = await Promise.all([
    rotateGrant(redis, {
      ...{ grantId, grant, hash: sha256Hex(token), nextHash: sha256Hex(next) },
      requestId: ctx.requestId,
      nowMs: ctx.clock.now(),
      ttlMs: longestMs,
      leewayMs: ctx.config.REFRESH_REUSE_LEEWAY_SECONDS * 1000,
      longestMs,
    }),
    readPerson(ctx, grant.userId),
    readClaims(ctx, grant.userId, scopes),
  ])
  if (outcome === 'replayed') {
    recordSoon(ctx, {
      event: 'oauth.refresh_reused',
      outcome: 'failure',
      userId: grant.userId,
      details: { client_id: client.clientId },
    })
  }
  if (outcome !== 'rotated' || person?.tenure !== grant.tenure) throw refused()
  requireActive(person, ctx.clock.now())
  const allowed = scopes.filter((scope) => scopesAbove(person.role, [scope]).length === 0)
  return answerTokens(ctx, {
    ...{ issuer, client, grant, grantId, scopes: allowed, resources },
    ...{ refreshToken: next, nonce: null, claims },
  })
}

/** RFC 6749 §6: no more than was agreed to. */
function narrowedScopes(asked: string | null, grant: Grant): string[] {
  if (asked === null) return grant.scopes
  const scopes = asked.split(' ')
  if (!scopes.every((scope) => grant.scopes.includes(scope)))
    throw new AppError('invalid_scope', 'Nobody agreed to that scope.')
  return [...new Set(scopes)]
}

async function readPerson(ctx: Ctx, userId: number) {
  const copy = await ctx.services.redis.get<string>(personSnapshot.key(userId))
  return personSnapshot.parse(copy) ?? loadPerson(ctx, userId)
}

function refused(): AppError {
  return new AppError(
    'invalid_grant',
    'The refresh token is unknown, used, expired, or not for this client.',
  )
}
