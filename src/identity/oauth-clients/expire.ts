import type { Ctx } from '../../context.ts'
import { deleteUnusedClients } from './queries.ts'

/** Cron: forgets applications that registered themselves, and that nobody has let in since. */
export async function expireClients(ctx: Ctx): Promise<number> {
  return deleteUnusedClients(ctx.services.db, new Date(ctx.clock.now()))
}
