import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { requirePermission } from '../../permissions.ts'
import { hashPassword } from '../../platform/crypto/password.ts'
import { foldName, requireFreeAddress } from '../accounts/index.ts'
import { requireGoodPassword } from '../password-policy/index.ts'
import { whileSignedOut } from '../passwords/index.ts'
import { followTrustLevel } from '../quota/index.ts'
import { unlockAccount } from '../sessions/index.ts'
import { changeUser } from './change-user.ts'
import type { AdminUserRow, UserChanges } from './queries.ts'
import { readUser } from './read-users.ts'
import type { UpdateUserInput } from './schemas.ts'

/**
 * Changes a person; absent fields stay. A new password or deactivation ends all their sessions, and
 * everything acts at once on tokens and keys that are out.
 *
 * @throws {AppError} `not_found`, `validation_failed`, `username_taken`, `email_taken`, `conflict`
 */
export async function updateUser(
  ctx: Ctx,
  id: number,
  input: z.output<typeof UpdateUserInput>,
): Promise<AdminUserRow> {
  requirePermission(ctx, 'users:write')
  const changes = await toChanges(ctx, id, input)
  const change = () =>
    changeUser(ctx, id, {
      changes,
      event: 'user.updated',
      details: {
        fields: Object.keys(input).sort().join(', '),
        ...(input.role && { role: input.role }),
        ...(input.trust_level !== undefined && { trust_level: input.trust_level }),
      },
    })
  const endsSessions = input.password !== undefined || input.is_active === false
  const row = endsSessions ? await whileSignedOut(ctx, id, change) : await change()
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
  if (input.username !== undefined)
    Object.assign(changes, { username: input.username, usernameKey: foldName(input.username) })
  if (input.email !== undefined) {
    await requireFreeAddress(ctx, input.email, id)
    changes.email = input.email
    changes.emailKey = input.email === null ? null : foldName(input.email)
    changes.emailVerifiedAt = null
  }
  if (input.is_verified !== undefined)
    changes.emailVerifiedAt = input.is_verified ? new Date(ctx.clock.now()) : null
  if (input.password !== undefined) {
    const { username, email } = await readUser(ctx, id)
    requireGoodPassword(input.password, { username, email }, 'password')
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
