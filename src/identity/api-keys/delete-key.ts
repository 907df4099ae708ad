import type { Ctx } from '../../context.ts'
import { forgetKey, forgetKeyHere } from '../../credentials/principals/index.ts'
import { keyNotFound, requireOwnKey } from './own-key.ts'
import { markRevoked } from './queries.ts'

/**
 * Deletes one of the person's own keys; it stops working at once.
 *
 * @throws {AppError} `not_found`, also for somebody else's key
 */
export async function deleteKey(ctx: Ctx, id: number): Promise<void> {
  const key = await requireOwnKey(ctx, id)
  await forgetKey(ctx, key.keyHash)
  const wasRevoked = await markRevoked(ctx, key)
  forgetKeyHere(key.keyHash)
  if (!wasRevoked) throw keyNotFound()
}
