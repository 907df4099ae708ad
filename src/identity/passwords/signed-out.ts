import type { Ctx } from '../../context.ts'
import { errorName } from '../../platform/logger.ts'
import { withoutStoreTime } from '../../platform/store-time.ts'
import { endAllSessions } from '../sessions/index.ts'

/**
 * Changes a secret so that no session of the old one goes on. All sessions end before the change:
 * if Redis is down, nothing happens at all. They end once more after it, for a sign-in that was
 * checked against the old secret in between.
 *
 * @param exceptSessionId a session that goes on
 */
export async function whileSignedOut<Result>(
  ctx: Ctx,
  userId: number,
  change: () => Promise<Result>,
  exceptSessionId?: string,
): Promise<Result> {
  await endAllSessions(ctx, userId, exceptSessionId)
  const result = await change()
  // However long the stores have been waited for already: this must not be left out for the time.
  const endAgain = withoutStoreTime(() => endAllSessions(ctx, userId, exceptSessionId))
  await endAgain.catch((error: unknown) => {
    // The change is made: to call it failed would only make the person repeat it in vain.
    ctx.logger.log('error', 'sessions_not_ended_again', {
      request_id: ctx.requestId,
      user_id: userId,
      error: errorName(error),
    })
  })
  return result
}
