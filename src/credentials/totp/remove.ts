import type { Ctx } from '../../context.ts'
import { atomically } from '../../db/batch.ts'
import { auditRowIf } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../../notices/mail/index.ts'
import { clearCodeAttempts } from './attempts.ts'
import { addressIf, deleteFactor, deleteRecoveryCodes, isConfirmed } from './queries.ts'

/**
 * Removes a person's second factor and tells them.
 *
 * @param event by whom: the person, or an administrator
 * @returns false when there was none
 */
export async function removeSecondFactor(
  ctx: Ctx,
  userId: number,
  event: 'second_factor.disabled' | 'user.second_factor_reset',
): Promise<boolean> {
  const { db } = ctx.services
  const mail = await composeMail(ctx, { kind: 'second_factor_disabled' })
  const wasThere = isConfirmed(userId)
  const results = await atomically(db, [
    mail && outboxRowFor(db, mail, addressIf(userId, wasThere)),
    auditRowIf(ctx, { event, userId }, wasThere),
    deleteRecoveryCodes(db, userId),
    deleteFactor(db, userId),
  ])
  await clearCodeAttempts(ctx, userId)
  deliverSoon(ctx, mail)
  return (results.at(-1) as unknown[]).length > 0
}
