import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { asOf } from './as-of.ts'
import { findUserById, type UserRow } from './queries.ts'

/** @throws {AppError} `invalid_token` when the person has been deleted meanwhile */
export async function getMe(ctx: Ctx): Promise<UserRow> {
  const user = await findUserById(ctx.services.db, requirePerson(ctx).userId)
  if (!user) throw new AppError('invalid_token', 'Could not validate credentials.')
  return asOf(user, ctx.clock.now())
}
