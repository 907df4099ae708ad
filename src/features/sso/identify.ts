import type { Ctx } from '../../context.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { AppError } from '../../errors.ts'
import {
  deriveUsername,
  foldName,
  insertUser,
  pluginNameFor,
  type UserRow,
} from '../accounts/index.ts'
import { provisionSoon } from '../plugin/index.ts'
import { forgetPerson, forgetPersonHere } from '../principals/index.ts'
import type { Profile } from './profile.ts'
import {
  addIdentity,
  addIdentityByEmail,
  addIdentityOf,
  findIdentity,
  recordSighting,
  type Sighting,
} from './queries.ts'

/** Each lost race, and each name that is taken, costs one. */
const MAX_ATTEMPTS = 6

/**
 * Who it is that a provider vouches for. Issuer and subject decide; whoever is not known yet gets
 * linked to the person who has verified the same address, or else registers.
 *
 * @returns the person, with what the provider has just said about them
 * @throws {AppError} `registration_closed`, `account_disabled`
 */
export async function identify(ctx: Ctx, sighting: Sighting): Promise<UserRow> {
  const { db } = ctx.services
  const { profile, issuer } = sighting
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const known = await findIdentity(db, issuer, profile.subject)
    if (known) return seeAgain(ctx, known, sighting)
    if (profile.isActive === false) throw inactive()
    const emailKey = verifiedEmailKey(profile)
    if (emailKey !== null && (await addIdentityByEmail(db, emailKey, sighting))) continue
    if (!ctx.config.ALLOW_REGISTRATION) {
      throw new AppError('registration_closed', 'Registration is closed on this server.')
    }
    const user = await registerFrom(ctx, sighting, attempt)
    if (user) return user
  }
  throw new AppError('conflict', 'Too many people sign in with this identity at once. Try again.')
}

/**
 * Adds an identity to somebody who is signed in.
 *
 * @throws {AppError} `identity_in_use`, `account_disabled`
 */
export async function linkIdentity(ctx: Ctx, userId: number, sighting: Sighting): Promise<UserRow> {
  const { db } = ctx.services
  if (sighting.profile.isActive === false) throw inactive()
  await addIdentity(db, userId, sighting)
  const known = await findIdentity(db, sighting.issuer, sighting.profile.subject)
  if (!known) throw inactive()
  if (known.user.id !== userId) {
    throw new AppError('identity_in_use', 'This identity belongs to another account here.')
  }
  return seeAgain(ctx, known, sighting)
}

/**
 * Writes down what the provider says now about somebody whom we know.
 *
 * @throws {AppError} `account_disabled`
 */
export async function seeAgain(
  ctx: Ctx,
  { identity, user }: { identity: { id: number }; user: UserRow },
  sighting: Sighting,
): Promise<UserRow> {
  const { profile } = sighting
  const changesGate =
    (profile.trustLevel !== null && profile.trustLevel !== user.trustLevel) ||
    (profile.isSilenced !== null && profile.isSilenced !== user.isSilenced) ||
    (profile.isActive !== null && profile.isActive !== user.isActive)
  if (changesGate) await forgetPerson(ctx, user.id)
  const now = await recordSighting(ctx.services.db, identity.id, sighting)
  if (changesGate) forgetPersonHere(user.id)
  if (!now?.isActive) throw inactive()
  return now
}

/** Null when somebody else was faster, or the name is taken: look again. */
async function registerFrom(
  ctx: Ctx,
  sighting: Sighting,
  attempt: number,
): Promise<UserRow | null> {
  const { db } = ctx.services
  const { profile, now } = sighting
  const wish = profile.username ?? profile.email?.split('@')[0] ?? ''
  const username = deriveUsername(ctx.random, wish, attempt)
  const usernameKey = foldName(username)
  const emailKey = verifiedEmailKey(profile)
  const add = (hasEmail: boolean) =>
    insertUser(
      db,
      {
        username,
        usernameKey,
        // An address that nobody has proven to be theirs is not written down here.
        email: hasEmail ? profile.email : null,
        emailKey: hasEmail ? emailKey : null,
        emailVerifiedAt: hasEmail ? now : null,
        passwordHash: null,
        avatarUrl: profile.avatarUrl,
        trustLevel: profile.trustLevel ?? 0,
        isSilenced: profile.isSilenced ?? false,
        pluginName: pluginNameFor(ctx.random, username),
        now,
      },
      [addIdentityOf(db, usernameKey, sighting)],
    )
  try {
    let added = await add(emailKey !== null)
    if ('taken' in added && added.taken === 'email' && emailKey !== null) {
      // Proven by now, or written down by somebody who never did: they keep it, and get nothing else.
      if (await addIdentityByEmail(db, emailKey, sighting)) return null
      added = await add(false)
    }
    if ('taken' in added) return null
    provisionSoon(ctx, added.user.id)
    return added.user
  } catch (error) {
    if (uniqueViolation(error) === 'identities_issuer_subject_unique') return null
    throw error
  }
}

/** Folded, and only if the provider says in so many words that it is verified. */
function verifiedEmailKey({ email, isEmailVerified }: Profile): string | null {
  return email !== null && isEmailVerified ? foldName(email) : null
}

function inactive(): AppError {
  return new AppError('account_disabled', 'This account is disabled. Ask an administrator.')
}
