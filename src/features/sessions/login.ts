import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { verifyPassword } from '../../platform/crypto/password.ts'
import { findUserByName, foldName, type UserRow } from '../accounts/index.ts'
import { recordSoon } from '../audit/index.ts'
import { newGeneration } from './end-sessions.ts'
import { takeAttempt } from './lockout.ts'
import type { LoginInput } from './schemas.ts'
import { currentGeneration } from './store.ts'

/** Somebody whose password was right; `startSession` takes both. */
export interface CheckedPerson {
  user: UserRow
  /** If all sessions are ended from now on, none comes of this check any more. */
  generation: string
}

/**
 * Checks a name and a password. An unknown name costs the same work as a wrong password, is counted
 * like one and gets the same answer.
 *
 * @throws {AppError} `invalid_credentials`, `account_locked`, `account_disabled`
 */
export async function checkPassword(
  ctx: Ctx,
  input: Pick<z.output<typeof LoginInput>, 'username' | 'email' | 'password'>,
): Promise<CheckedPerson> {
  const { db, redis } = ctx.services
  const nameKey = foldName(input.email ?? input.username ?? '')
  const user = await findUserByName(db, nameKey)
  const userId = user?.id ?? null
  const [attempt, generation] = await Promise.all([
    takeAttempt(ctx, user ? { userId: user.id } : { nameKey }).catch((error: unknown) => {
      if (error instanceof AppError)
        recordSoon(ctx, { event: 'login.locked', userId, outcome: 'failure' })
      throw error
    }),
    // Asked for somebody unknown, too: the work is the same.
    currentGeneration(redis, user?.id ?? 0, {
      generation: newGeneration(ctx),
      ttlMs: ctx.config.sessionMaxSeconds * 1000,
    }),
  ])
  const isRight = await verifyPassword(input.password, user?.passwordHash ?? null)
  if (!user || !isRight) {
    recordSoon(ctx, { event: 'login.failed', userId, outcome: 'failure' })
    throw new AppError('invalid_credentials', 'Wrong username or password.')
  }
  if (!user.isActive) {
    recordSoon(ctx, { event: 'login.failed', userId, outcome: 'failure' })
    throw new AppError('account_disabled', 'This account is disabled. Ask an administrator.')
  }
  await attempt.succeed()
  return { user, generation }
}
