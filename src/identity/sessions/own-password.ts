import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { type AuditEventName, recordSoon } from '../../notices/audit/index.ts'
import { verifyPassword } from '../../platform/crypto/password.ts'
import { findUserById } from '../accounts/index.ts'
import { isLock, takeOwnAttempt } from './lockout.ts'

/**
 * Checks the password of whoever is signed in already. Wrong ones are counted, so that a stolen access
 * token is no way to guess it, but apart from those at the sign-in: whatever strangers do there, the
 * person goes on.
 *
 * @throws {AppError} `invalid_credentials`, `account_locked`
 */
export async function checkOwnPassword(ctx: Ctx, password: string): Promise<void> {
  const { userId } = requirePerson(ctx)
  const attempt = await takeOwnAttempt(ctx, userId).catch((error: unknown) => {
    if (isLock(error)) recordFailure(ctx, 'login.locked', userId)
    throw error
  })
  const found = await attempt.settleBy(async () => {
    const user = await findUserById(ctx.services.db, userId)
    const { passwordCost } = ctx.config
    return (await verifyPassword(password, user?.passwordHash ?? null, passwordCost)) ? user : null
  })
  if (found) return
  recordFailure(ctx, 'login.failed', userId)
  throw new AppError('invalid_credentials', 'Wrong password.')
}

/** Of use to the owner: somebody who holds one of their sessions has guessed. */
function recordFailure(ctx: Ctx, event: AuditEventName, userId: number): void {
  recordSoon(ctx, { event, userId, outcome: 'failure', details: { signed_in: true } })
}
