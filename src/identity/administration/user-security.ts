import type { Ctx } from '../../context.ts'
import { removeSecondFactor } from '../../credentials/totp/index.ts'
import { AppError } from '../../errors.ts'
import { auditRow } from '../../notices/audit/index.ts'
import { requirePermission } from '../../permissions.ts'
import { endAllSessions, unlockAccount } from '../sessions/index.ts'
import { deleteUser } from '../users/index.ts'
import { requireWithinReach } from './reach.ts'
import { readUser } from './read-users.ts'
import { requireSomebodyElse } from './somebody-else.ts'

/** Signs a person out everywhere. @returns how many sessions have ended */
export async function endUserSessions(ctx: Ctx, id: number): Promise<number> {
  requirePermission(ctx, 'users:write')
  requireWithinReach(ctx, (await readUser(ctx, id)).role)
  const ended = await endAllSessions(ctx, id)
  await auditRow(ctx, { event: 'user.sessions_ended', userId: id, details: { ended } })
  return ended
}

/**
 * Takes a person's second factor away, for somebody who has lost phone and recovery codes.
 *
 * @throws {AppError} `not_found`, also when there is none; `forbidden` for their own
 */
export async function resetSecondFactor(ctx: Ctx, id: number): Promise<void> {
  requirePermission(ctx, 'users:write')
  requireSomebodyElse(ctx, id, 'secondFactor')
  requireWithinReach(ctx, (await readUser(ctx, id)).role)
  if (!(await removeSecondFactor(ctx, id, 'user.second_factor_reset')))
    throw new AppError('not_found', 'This person has no second factor.')
}

/**
 * Lets somebody who guessed wrong too often try again at once. Nobody does it for themselves: a token
 * that unlocks its own account could guess the password for as long as it likes.
 *
 * @throws {AppError} `not_found`; `forbidden` for their own
 */
export async function unlockUser(ctx: Ctx, id: number): Promise<void> {
  requirePermission(ctx, 'users:write')
  requireSomebodyElse(ctx, id, 'attempts')
  requireWithinReach(ctx, (await readUser(ctx, id)).role)
  await unlockAccount(ctx.services.redis, id)
  await auditRow(ctx, { event: 'user.unlocked', userId: id })
}

/** @throws {AppError} `not_found`, `conflict` for the last administrator; `forbidden` for themselves */
export async function deleteUserAsAdmin(ctx: Ctx, id: number): Promise<void> {
  requirePermission(ctx, 'users:write')
  requireSomebodyElse(ctx, id, 'deletion')
  requireWithinReach(ctx, (await readUser(ctx, id)).role)
  await deleteUser(ctx, id, 'user.deleted')
}
