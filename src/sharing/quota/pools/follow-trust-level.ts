import type { Ctx } from '../../../context.ts'
import { errorName } from '../../../platform/logger.ts'
import { noteTrustLevel } from './note-accounts.ts'

/**
 * Moves somebody's ceiling after their trust level has changed. Does not reject: the change is made,
 * and the ceiling follows with the next one of their accounts at the latest.
 */
export async function followTrustLevel(
  ctx: Pick<Ctx, 'services' | 'clock' | 'config' | 'random' | 'logger' | 'waitUntil'>,
  userId: number,
): Promise<void> {
  try {
    await noteTrustLevel(ctx, userId)
  } catch (error) {
    ctx.logger.log('error', 'ledger_not_told', { user_id: userId, error: errorName(error) })
  }
}
