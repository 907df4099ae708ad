import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { requireGoodPassword } from '../../credentials/password-policy/index.ts'
import { AppError } from '../../errors.ts'
import { requirePermission } from '../../permissions.ts'
import { hashPassword } from '../../platform/crypto/password.ts'
import { followTrustLevel } from '../../sharing/quota/index.ts'
import { foldName, nameColumns, requireFreeAddress } from '../accounts/index.ts'
import { unlockAccount } from '../sessions/index.ts'
import { changeUser } from './change-user.ts'
import type { AdminUserRow, UserChanges } from './queries.ts'
import { requireWithinReach } from './reach.ts'
import { readUser } from './read-users.ts'
import type { UpdateUserInput } from './schemas.ts'
import { requireNotOneself, requireSomebodyElse } from './somebody-else.ts'

/**
 * Changes a person; absent fields stay. A new password or deactivation ends all their sessions, and
 * everything acts at once on tokens and keys that are out. Their own password and address
 * administrators change like everybody, with proof that it is them.
 *
 * @throws {AppError} `not_found`, `validation_failed`, `username_taken`, `email_taken`, `conflict`,
 *   `forbidden`
 */
export async function updateUser(
  ctx: Ctx,
  id: number,
  input: z.output<typeof UpdateUserInput>,
): Promise<AdminUserRow> {
  requirePermission(ctx, 'users:write')
  if (input.password !== undefined) requireSomebodyElse(ctx, id, 'password')
  if (input.email !== undefined || input.is_verified !== undefined)
    requireSomebodyElse(ctx, id, 'address')
  if (input.is_active === false) requireNotOneself(ctx, id)
  if (input.role !== undefined) requireWithinReach(ctx, input.role)
  const changes = await toChanges(ctx, id, input)
  const row = await changeUser(ctx, id, {
    changes,
    event: 'user.updated',
    details: {
      fields: Object.keys(input).sort().join(', '),
      ...(input.role && { role: input.role }),
      ...(input.trust_level !== undefined && { trust_level: input.trust_level }),
    },
  })
  if (input.trust_level !== undefined) await followTrustLevel(ctx, id)
  if (input.password !== undefined)
    ctx.waitUntil(unlockAccount(ctx.services.redis, id).catch(() => undefined))
  return row
}

async function toChanges(
  ctx: Ctx,
  id: number,
  input: z.output<typeof UpdateUserInput>,
): Promise<UserChanges> {
  const changes: UserChanges = {}
  if (input.username !== undefined) Object.assign(changes, nameColumns(input.username))
  if (input.email !== undefined) {
    await requireFreeAddress(ctx, input.email, id)
    changes.email = input.email
    changes.emailKey = input.email === null ? null : foldName(input.email)
    changes.emailVerifiedAt = null
  }
  if (input.is_verified !== undefined) {
    if (input.is_verified) await requireAddress(ctx, id, input.email)
    changes.emailVerifiedAt = input.is_verified ? new Date(ctx.clock.now()) : null
    // Their word for it: the account is the person's as well.
    changes.openClaim = null
  }
  if (input.password !== undefined) {
    const { username, email } = await readUser(ctx, id)
    await requireGoodPassword(ctx, input.password, { username, email }, 'password')
    changes.passwordHash = await hashPassword(
      input.password,
      ctx.random.bytes(16),
      ctx.config.passwordCost,
    )
  }
  if (input.role !== undefined) changes.role = input.role
  if (input.trust_level !== undefined) changes.trustLevel = input.trust_level
  if (input.is_silenced !== undefined) changes.isSilenced = input.is_silenced
  if (input.avatar_url !== undefined) changes.avatarUrl = input.avatar_url
  if (input.is_active !== undefined) changes.isActive = input.is_active
  // Whoever is active is not banned any more.
  if (input.is_active)
    Object.assign(changes, { bannedAt: null, bannedUntil: null, banReason: null })
  return changes
}

/** @throws {AppError} `validation_failed` where there is no address that could be confirmed */
async function requireAddress(
  ctx: Ctx,
  id: number,
  newEmail: string | null | undefined,
): Promise<void> {
  const email = newEmail === undefined ? (await readUser(ctx, id)).email : newEmail
  if (email !== null) return
  throw new AppError('validation_failed', 'Some fields are not valid. See "errors".', {
    errors: [{ path: 'is_verified', message: 'This person has no address.' }],
  })
}
