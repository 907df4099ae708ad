import type { Ctx } from '../../context.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { atomically } from '../../db/batch.ts'
import { auditRow } from '../../notices/audit/index.ts'
import { countKeyTenure, revokeKeys } from './queries.ts'

/**
 * Ends all API keys of a person; they stop working at once, and one that is being made at this moment
 * never works.
 *
 * @returns how many have ended
 */
export async function endAllKeys(ctx: Ctx, userId: number): Promise<number> {
  const { db } = ctx.services
  await forgetPerson(ctx, userId)
  const [keys] = await atomically(db, [
    revokeKeys(db, userId, new Date(ctx.clock.now())),
    countKeyTenure(db, userId),
    auditRow(ctx, { event: 'api_key.all_ended', userId }),
  ])
  forgetPersonHere(userId)
  return (keys as unknown[]).length
}
