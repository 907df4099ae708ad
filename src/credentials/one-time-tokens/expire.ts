import type { Ctx } from '../../context.ts'
import { deleteExpiredTokens } from './queries.ts'

/** Deletes tokens that have run out; run by cron. */
export function expireTokens(ctx: Ctx): Promise<number> {
  return deleteExpiredTokens(ctx.services.db, new Date(ctx.clock.now()))
}
