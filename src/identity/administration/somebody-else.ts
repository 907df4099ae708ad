import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'

/** What people do to their own account with a call that wants more of them than the credential. */
const OWN_CALLS = {
  password: 'POST /api/auth/change-password',
  address: 'POST /api/auth/change-email',
  secondFactor: 'POST /api/auth/mfa/disable',
  deletion: 'DELETE /api/users/me',
  attempts: 'POST /api/auth/forgot-password',
} as const

/**
 * Refuses administrators what takes proof of a person where the person is they themselves: a stolen
 * token or key of theirs must not be worth more than anybody else's.
 *
 * @throws {AppError} `forbidden`, which names the call that asks for the proof
 */
export function requireSomebodyElse(
  ctx: Pick<Ctx, 'actor'>,
  userId: number,
  change: keyof typeof OWN_CALLS,
): void {
  const { actor } = ctx
  if ('userId' in actor && actor.userId === userId)
    throw new AppError('forbidden', `This is your own account. Use ${OWN_CALLS[change]}.`)
}

/**
 * Refuses administrators to ban themselves or to switch themselves off: nobody would be there to undo it.
 *
 * @throws {AppError} `conflict`
 */
export function requireNotOneself(ctx: Pick<Ctx, 'actor'>, userId: number): void {
  const { actor } = ctx
  if ('userId' in actor && actor.userId === userId)
    throw new AppError(
      'conflict',
      'This is your own account: you could not undo it. Ask another administrator.',
    )
}
