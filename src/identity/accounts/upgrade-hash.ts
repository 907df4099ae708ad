import type { Ctx } from '../../context.ts'
import { hashPassword, isCurrentHash } from '../../platform/crypto/password.ts'
import { errorName } from '../../platform/logger.ts'
import { replaceOldHash, type UserRow } from './queries.ts'

/**
 * Replaces a hash that another system made, or that was cheaper than today's, now that the password
 * is at hand. Runs after the answer; should it fail, the next sign-in does it.
 */
export function upgradeHashSoon(ctx: Ctx, user: UserRow, password: string): void {
  const { passwordHash } = user
  if (passwordHash === null || isCurrentHash(passwordHash, ctx.config.passwordCost)) return
  const upgrade = async () => {
    const fresh = await hashPassword(password, ctx.random.bytes(16), ctx.config.passwordCost)
    await replaceOldHash(ctx.services.db, user.id, passwordHash, fresh)
  }
  ctx.waitUntil(
    upgrade().catch((error: unknown) =>
      ctx.logger.log('warn', 'hash_not_upgraded', { user_id: user.id, error: errorName(error) }),
    ),
  )
}
