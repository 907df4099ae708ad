import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { verifyPassword } from '../../platform/crypto/password.ts'
import { findUserByName, foldName } from '../accounts/index.ts'
import type { LoginAnswer, LoginInput } from './schemas.ts'
import { startSession } from './start-session.ts'

/**
 * Signs a person in by name and password. An unknown name costs the same work as a wrong password
 * and gets the same answer.
 *
 * @throws {AppError} `invalid_credentials`, `account_disabled`
 */
export async function login(
  ctx: Ctx,
  input: z.output<typeof LoginInput>,
): Promise<z.input<typeof LoginAnswer>> {
  const user = await findUserByName(ctx.services.db, foldName(input.email ?? input.username ?? ''))
  const isRight = await verifyPassword(input.password, user?.passwordHash ?? null)
  if (!user || !isRight) throw new AppError('invalid_credentials', 'Wrong username or password.')
  if (!user.isActive)
    throw new AppError('account_disabled', 'This account is disabled. Ask an administrator.')
  return startSession(ctx, user)
}
