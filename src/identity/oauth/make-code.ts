import type { Actor, Ctx } from '../../context.ts'
import { bindApp, type OAuthClient } from '../../credentials/oauth/index.ts'
import { scopesAbove } from '../../permissions.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { type Code, sealCode } from './code.ts'

export type SessionActor = Extract<Actor, { type: 'session' }>

const GRANT_ID_BYTES = 18

/** Nobody can give what they may not do themselves. */
export function withinRole({ role }: SessionActor, scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scopesAbove(role, [scope]).length === 0)
}

/** What a code made now depends on; costs one call of Redis. */
export function bindTo(ctx: Ctx, { userId }: SessionActor, clientId: string) {
  const { services, random, config } = ctx
  return bindApp(services.redis, random, userId, clientId, config.sessionMaxSeconds * 1000)
}

type Agreed = Pick<Code, 'scopes' | 'resources'> &
  Partial<Pick<Code, 'askedRedirectUri' | 'codeChallenge' | 'nonce'>>

/**
 * A code for what a person has agreed to, on the session that they did it on.
 *
 * @param bound what `bindTo` gave, where it was asked for before
 */
export async function makeCode(
  ctx: Ctx,
  actor: SessionActor,
  client: OAuthClient,
  agreed: Agreed,
  lifetimeSeconds: number,
  bound = bindTo(ctx, actor, client.clientId),
): Promise<string> {
  return sealCode(ctx, {
    askedRedirectUri: null,
    codeChallenge: null,
    nonce: null,
    ...agreed,
    ...(await bound),
    clientId: client.clientId,
    grantId: toBase64Url(ctx.random.bytes(GRANT_ID_BYTES)),
    userId: actor.userId,
    sessionId: actor.sessionId,
    isOffline: agreed.scopes.includes('offline_access'),
    madeAs: actor.role,
    tenure: actor.tenure,
    authenticatedAt: actor.authenticatedAt,
    hasSecondFactor: actor.hasSecondFactor,
    expiresAt: ctx.clock.now() + lifetimeSeconds * 1000,
  })
}
