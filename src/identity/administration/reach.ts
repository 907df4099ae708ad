import type { Ctx } from '../../context.ts'
import type { Role } from '../../db/schema/index.ts'
import { AppError } from '../../errors.ts'
import { rolesOutOfReach } from '../../permissions.ts'

/**
 * Keeps an API key from making, or getting hold of, somebody who may more than the key: whoever sets a
 * password can sign in with it.
 *
 * @param role that somebody has, or is to get
 * @throws {AppError} `forbidden`
 */
export function requireWithinReach(ctx: Pick<Ctx, 'actor'>, role: Role): void {
  if (rolesOutOfReach(ctx).includes(role))
    throw new AppError(
      'forbidden',
      `This API key may neither make nor change anybody of the role "${role}". Use an access token.`,
    )
}
