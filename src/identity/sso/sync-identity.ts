import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { findUserById } from '../accounts/index.ts'
import { prepare } from './discovery.ts'
import { seeAgain } from './identify.ts'
import type { Profile } from './profile.ts'
import { freshAccessToken, NO_TOKENS } from './provider-tokens.ts'
import { findOwnIdentity, type IdentityRow } from './queries.ts'
import { readUserInfo } from './read-profile.ts'
import { requireProvider } from './registry.ts'

/**
 * Reads the person's profile at the provider anew: name, picture, trust level and status.
 *
 * @throws {AppError} `not_found`, `login_expired` when only a new sign-in helps, `provider_failed`
 */
export async function syncIdentity(ctx: Ctx, identityId: number): Promise<IdentityRow> {
  const { userId } = requirePerson(ctx)
  const { db } = ctx.services
  const notFound = new AppError('not_found', 'There is no such identity.')
  const identity = await findOwnIdentity(db, userId, identityId)
  if (!identity) throw notFound
  const provider = await prepare(ctx, requireProvider(ctx.config, identity.provider))
  // The settings may name another server by now, which must not see the old one's tokens.
  if (provider.issuer !== identity.issuer) throw notFound
  const profile = await readUserInfo(provider, await freshAccessToken(ctx, provider, identity))
  if (profile.subject !== identity.subject)
    throw provider.http.failure('user_info', 'other_subject')

  const user = await findUserById(db, userId)
  if (!user) throw notFound
  await seeAgain(
    ctx,
    { identity, user },
    {
      provider: provider.id,
      issuer: identity.issuer,
      profile: withKnown(profile, identity),
      ...NO_TOKENS,
      now: new Date(ctx.clock.now()),
    },
  )
  const updated = await findOwnIdentity(db, userId, identityId)
  if (!updated) throw notFound
  return updated
}

/** What the provider tells in ID tokens only, which come with a sign-in, stays as it was. */
function withKnown(profile: Profile, identity: IdentityRow): Profile {
  const { email, isEmailVerified } =
    profile.email === null
      ? { email: identity.email, isEmailVerified: identity.emailVerified }
      : profile
  return {
    ...profile,
    username: profile.username ?? identity.username,
    avatarUrl: profile.avatarUrl ?? identity.avatarUrl,
    email,
    isEmailVerified,
  }
}
