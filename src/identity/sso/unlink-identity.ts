import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { revokeTokens } from './provider-tokens.ts'
import { deleteIdentity, findOwnIdentity } from './queries.ts'

/**
 * Takes an identity off the person, and at the provider what it has given us for it.
 *
 * @throws {AppError} `not_found`, `last_sign_in_method`
 */
export async function unlinkIdentity(ctx: Ctx, identityId: number): Promise<void> {
  const { userId } = requirePerson(ctx)
  const identity = await findOwnIdentity(ctx.services.db, userId, identityId)
  if (!identity) throw new AppError('not_found', 'There is no such identity.')
  const usable = ctx.config.loginProviders.map(({ id }) => id)
  const deleted = await deleteIdentity(ctx, userId, identity, usable)
  if (!deleted) {
    throw new AppError(
      'last_sign_in_method',
      'You could not sign in any more. Set a password or add another identity first.',
    )
  }
  ctx.waitUntil(revokeTokens(ctx, deleted))
}
