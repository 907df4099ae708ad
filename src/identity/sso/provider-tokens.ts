import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { prepare, type ReadyProvider } from './discovery.ts'
import { createOAuthClient, type ProviderTokens } from './oauth-client.ts'
import { findOwnIdentity, type IdentityRow, replaceTokens } from './queries.ts'
import { requireProvider } from './registry.ts'

/** Before it expires, so that it still holds when it arrives. */
const EARLY_MS = 60_000
/** Longer than one refresh may take. */
const LOCK_SECONDS = 15

interface SealedTokens {
  accessTokenCiphertext: string | null
  refreshTokenCiphertext: string | null
  tokenExpiresAt: Date | null
}

type Named = { issuer: string; subject: string }

/** A sealed token opens for the identity it was made for, and in its own column only. */
const owner = ({ issuer, subject }: Named, use: 'access' | 'refresh') =>
  `provider-token:${use}:${issuer}#${subject}`

export const NO_TOKENS: SealedTokens = {
  accessTokenCiphertext: null,
  refreshTokenCiphertext: null,
  tokenExpiresAt: null,
}

/** Encrypts what a provider has given us, for its row. */
export async function sealTokens(
  ctx: Ctx,
  identity: Named,
  tokens: ProviderTokens,
): Promise<SealedTokens> {
  const { secretBox } = ctx.services
  return {
    accessTokenCiphertext: await secretBox.seal(tokens.accessToken, owner(identity, 'access')),
    refreshTokenCiphertext:
      tokens.refreshToken &&
      (await secretBox.seal(tokens.refreshToken, owner(identity, 'refresh'))),
    tokenExpiresAt:
      tokens.expiresInSeconds === null
        ? null
        : new Date(ctx.clock.now() + tokens.expiresInSeconds * 1000),
  }
}

/**
 * A provider's access token that still holds, refreshed first when it does not.
 *
 * @throws {AppError} `login_expired` when only a new sign-in can give one, `conflict` while another
 *   call refreshes it, `provider_failed`
 */
export async function freshAccessToken(
  ctx: Ctx,
  provider: ReadyProvider,
  identity: IdentityRow,
): Promise<string> {
  const stale = ctx.clock.now() + EARLY_MS
  const isFresh = identity.tokenExpiresAt === null || identity.tokenExpiresAt.getTime() > stale
  if (isFresh) {
    const token = await open(ctx, identity, 'access')
    if (token !== null) return token
  }
  return refresh(ctx, provider, identity)
}

async function refresh(ctx: Ctx, provider: ReadyProvider, stale: IdentityRow): Promise<string> {
  const { db, redis } = ctx.services
  // A refresh token is often good for one use: two calls with it could end the whole grant.
  const lock = `once:provider-refresh:${stale.id}`
  if ((await redis.set(lock, '1', { nx: true, ex: LOCK_SECONDS })) === null) {
    throw new AppError('conflict', 'This identity is being refreshed right now. Try again.')
  }
  try {
    const identity = await findOwnIdentity(db, stale.userId, stale.id)
    if (!identity) throw new AppError('not_found', 'There is no such identity.')
    if (identity.accessTokenCiphertext !== stale.accessTokenCiphertext) {
      // Somebody else was faster.
      const token = await open(ctx, identity, 'access')
      if (token !== null) return token
    }
    const refreshToken = await open(ctx, identity, 'refresh')
    if (refreshToken === null) throw signInAgain(provider)
    const tokens = await createOAuthClient(provider).refresh(refreshToken)
    const now = new Date(ctx.clock.now())
    await replaceTokens(db, identity, { ...(await sealTokens(ctx, identity, tokens)), now })
    return tokens.accessToken
  } finally {
    await redis.del(lock)
  }
}

/**
 * Takes back at the provider what it has given us for an identity that is deleted here. Best
 * effort: it can fail without consequence for the person.
 */
export async function revokeTokens(ctx: Ctx, identity: IdentityRow): Promise<void> {
  try {
    const provider = await prepare(ctx, requireProvider(ctx.config, identity.provider))
    // The settings may name another server by now, which must not see the old one's tokens.
    if (provider.issuer !== identity.issuer) return
    const isRevoked = await createOAuthClient(provider).revoke({
      accessToken: await open(ctx, identity, 'access'),
      refreshToken: await open(ctx, identity, 'refresh'),
    })
    ctx.logger.log('info', 'provider_grant_ended', { provider: provider.id, revoked: isRevoked })
  } catch (error) {
    ctx.logger.log('warn', 'provider_revocation_failed', {
      provider: identity.provider,
      user_id: identity.userId,
      code: error instanceof AppError ? error.code : 'unknown',
    })
  }
}

/**
 * The same for all identities of somebody who is gone, after the answer has left.
 *
 * @param deleted what `deleteIdentitiesOf` returned
 */
export function revokeGrants(ctx: Ctx, deleted: IdentityRow[]): void {
  for (const identity of deleted) ctx.waitUntil(revokeTokens(ctx, identity))
}

async function open(
  ctx: Ctx,
  identity: IdentityRow,
  use: 'access' | 'refresh',
): Promise<string | null> {
  const sealed = use === 'access' ? identity.accessTokenCiphertext : identity.refreshTokenCiphertext
  return sealed === null ? null : ctx.services.secretBox.open(sealed, owner(identity, use))
}

export function signInAgain(provider: { name: string }): AppError {
  return new AppError(
    'login_expired',
    `${provider.name} has ended this server's access. Sign in with it again.`,
  )
}
