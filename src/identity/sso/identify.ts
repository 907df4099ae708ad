import type { Ctx } from '../../context.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { AppError } from '../../errors.ts'
import { auditRowFor } from '../../notices/audit/index.ts'
import { provisionSoon } from '../../sharing/plugin/index.ts'
import { followTrustLevel } from '../../sharing/quota/index.ts'
import { addUser, asOf, foldName, type UserRow } from '../accounts/index.ts'
import type { Profile } from './profile.ts'
import {
  addIdentity,
  addIdentityByEmail,
  addIdentityOf,
  findIdentity,
  hasOpenClaim,
  recordSighting,
  type Sighting,
} from './queries.ts'

/** Each lost race costs one. */
const MAX_ATTEMPTS = 6

/**
 * Who it is that a provider vouches for. Issuer and subject decide; whoever is not known yet gets
 * linked to the person who has verified the same address, or else registers.
 *
 * @returns the person, with what the provider has just said about them
 * @throws {AppError} `registration_closed`, `account_disabled`, `email_taken` where it is not known
 *   whether who has confirmed the address here also made the account
 */
export async function identify(ctx: Ctx, sighting: Sighting): Promise<UserRow> {
  const { db } = ctx.services
  const { profile, issuer } = sighting
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const known = await findIdentity(db, issuer, profile.subject)
    if (known) return seeAgain(ctx, known, sighting)
    if (profile.isActive === false) throw inactive()
    const emailKey = verifiedEmailKey(profile)
    if (emailKey !== null) {
      if (await addIdentityByEmail(ctx, emailKey, sighting)) continue
      if (await hasOpenClaim(db, emailKey)) throw openClaim()
    }
    if (!ctx.config.ALLOW_REGISTRATION) {
      throw new AppError('registration_closed', 'Registration is closed on this server.')
    }
    const user = await registerFrom(ctx, sighting)
    if (user) return user
  }
  throw new AppError('conflict', 'Too many people sign in with this identity at once. Try again.')
}

/**
 * Adds an identity to somebody who is signed in.
 *
 * @throws {AppError} `identity_in_use`, `account_disabled`
 */
export async function linkIdentity(
  ctx: Ctx,
  { userId, tenure }: { userId: number; tenure: number },
  sighting: Sighting,
): Promise<UserRow> {
  const { db } = ctx.services
  if (sighting.profile.isActive === false) throw inactive()
  await addIdentity(ctx, { userId, tenure }, sighting)
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
  const row = await recordSighting(ctx.services.db, identity.id, sighting)
  if (changesGate) forgetPersonHere(user.id)
  if (row && row.trustLevel !== user.trustLevel) await followTrustLevel(ctx, row.id)
  const now = row && asOf(row, ctx.clock.now())
  if (!now?.isActive) throw inactive()
  return now
}

/** Null when somebody else was faster: look again. */
async function registerFrom(ctx: Ctx, sighting: Sighting): Promise<UserRow | null> {
  const { profile, now } = sighting
  const emailKey = verifiedEmailKey(profile)
  const add = (email: string | null) =>
    addUser(
      ctx,
      {
        usernameWish: profile.username ?? profile.email?.split('@')[0],
        // An address that nobody has proven to be theirs is not written down here.
        ...(email !== null && { email, emailVerifiedAt: now }),
        passwordHash: null,
        avatarUrl: profile.avatarUrl,
        trustLevel: profile.trustLevel ?? 0,
        isSilenced: profile.isSilenced ?? false,
      },
      (person) => [
        addIdentityOf(ctx.services.db, person.id, sighting),
        auditRowFor(
          ctx,
          { event: 'account.registered', details: { provider: sighting.provider } },
          person.id,
        ),
      ],
    )
  try {
    const user = await add(emailKey === null ? null : profile.email).catch(async (error) => {
      if (!(error instanceof AppError && error.code === 'email_taken') || !emailKey) throw error
      // Confirmed meanwhile by somebody, whom the identity belongs to then if they may still sign in.
      if (await addIdentityByEmail(ctx, emailKey, sighting)) return null
      if (await hasOpenClaim(ctx.services.db, emailKey)) throw openClaim()
      return add(null)
    })
    if (user) provisionSoon(ctx, user.id)
    return user
  } catch (error) {
    if (uniqueViolation(error) === 'identities_issuer_subject_unique') return null
    throw error
  }
}

/** Folded, and only if the provider says in so many words that it is verified. */
function verifiedEmailKey({ email, isEmailVerified }: Profile): string | null {
  return email !== null && isEmailVerified ? foldName(email) : null
}

/** Letting them in would share the account with whoever made it; a new password by mail ends that. */
function openClaim(): AppError {
  return new AppError(
    'email_taken',
    'There is an account here with your address. If it is yours, sign in to it and add this identity, or choose a new password for it by mail first.',
  )
}

function inactive(): AppError {
  return new AppError('account_disabled', 'This account is disabled. Ask an administrator.')
}
