import { openGrant } from '../../../credentials/oauth/index.ts'
import { AppError } from '../../../errors.ts'
import { toBase64Url } from '../../../platform/crypto/encoding.ts'
import { allowedScopes } from '../checks/scope.ts'
import { checkResources } from '../resources.ts'
import { answerTokens } from '../token-answer.ts'
import type { GrantHandler } from './grant.ts'

/** Scopes that are about the person who is signed in. */
const PERSONAL = new Set(['openid', 'profile', 'email', 'offline_access', 'read:profile'])
const GRANT_ID_BYTES = 18

/**
 * RFC 6749 §4.4: a client that can keep a secret, for itself. Nobody stands behind its token: it opens nothing
 * here that is somebody's, and is good for others who ask us what it is.
 */
export const exchangeClientCredentials: GrantHandler = async (ctx, { client, form, issuer }) => {
  if (client.authMethod === 'none')
    throw new AppError('unauthorized_client', 'A client without a secret cannot act for itself.')
  const resources = checkResources(form.getAll('resource'), issuer)
  const possible = { ...client, scopes: client.scopes.filter((scope) => !PERSONAL.has(scope)) }
  const asked = form.get('scope') ?? possible.scopes.join(' ')
  const scopes = allowedScopes(possible, asked, resources, issuer)
  const grantId = toBase64Url(ctx.random.bytes(GRANT_ID_BYTES))
  const grant = {
    userId: null,
    generation: '',
    clientId: client.clientId,
    app: '',
    sessionId: null,
    scopes,
    resources,
    madeAs: 'guest' as const,
    tenure: 0,
    madeOn: '',
    authenticatedAt: ctx.clock.now(),
    hasSecondFactor: false,
  }
  const longestMs = ctx.config.accessTokenTtlSeconds * 1000
  await openGrant(ctx.services.redis, {
    ...{ grantId, grant, refreshHash: null, requestId: ctx.requestId, nowMs: ctx.clock.now() },
    ...{ ttlMs: longestMs, usedMs: longestMs, longestMs },
  })
  return answerTokens(ctx, {
    ...{ issuer, client, grant, grantId, scopes, resources },
    ...{ refreshToken: null, nonce: null, claims: null },
  })
}
