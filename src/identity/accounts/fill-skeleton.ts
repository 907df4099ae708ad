import type { Ctx } from '../../context.ts'
import { errorName } from '../../platform/logger.ts'
import { fillSkeleton, type UserRow } from './queries.ts'
import { skeletonOf } from './skeleton.ts'

/**
 * Writes down what a name looks like that is older than that column, when its owner signs in: the
 * migration could do so for plain names only. Runs after the answer.
 */
export function fillSkeletonSoon(ctx: Ctx, { id, username, usernameSkeleton }: UserRow): void {
  if (usernameSkeleton !== null) return
  ctx.waitUntil(
    fillSkeleton(ctx.services.db, id, skeletonOf(username)).catch((error: unknown) =>
      ctx.logger.log('warn', 'skeleton_not_written', { user_id: id, error: errorName(error) }),
    ),
  )
}
