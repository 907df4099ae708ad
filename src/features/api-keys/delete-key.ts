import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { forgetKey, forgetKeyHere } from '../principals/index.ts'
import { findOwnKey, markRevoked } from './queries.ts'

/**
 * Deletes one of the person's own keys; it stops working at once.
 *
 * @throws {AppError} `not_found`, also for somebody else's key
 */
export async function deleteKey(ctx: Ctx, id: number): Promise<void> {
  const { userId } = requirePerson(ctx)
  const key = await findOwnKey(ctx.services.db, userId, id)
  if (!key) throw notFound()
  await forgetKey(ctx, key.keyHash)
  const wasRevoked = await markRevoked(ctx.services.db, id, new Date(ctx.clock.now()))
  forgetKeyHere(key.keyHash)
  if (!wasRevoked) throw notFound()
}

function notFound(): AppError {
  return new AppError('not_found', 'You have no API key with this id.')
}
