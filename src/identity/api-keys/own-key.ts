import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { type ApiKeyRow, findOwnKey } from './queries.ts'

/**
 * One of the person's own keys.
 *
 * @throws {AppError} `not_found`, also for somebody else's key
 */
export async function requireOwnKey(ctx: Ctx, id: number): Promise<ApiKeyRow> {
  const key = await findOwnKey(ctx.services.db, requirePerson(ctx).userId, id)
  if (!key) throw keyNotFound()
  return key
}

export function keyNotFound(): AppError {
  return new AppError('not_found', 'You have no API key with this id.')
}
