import type { Ctx } from '../../context.ts'
import { deleteExpiredChanges } from './queries.ts'

/** Forgets changes of address that were not agreed to in time; run by cron. */
export function expireEmailChanges(ctx: Ctx): Promise<number> {
  return deleteExpiredChanges(ctx.services.db, new Date(ctx.clock.now()))
}
