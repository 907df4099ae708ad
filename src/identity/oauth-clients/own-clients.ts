import type { Ctx } from '../../context.ts'
import { clientSnapshot } from '../../credentials/oauth/index.ts'
import { forgetClientHere } from '../oauth/index.ts'
import { ownClientIds } from './queries.ts'

/**
 * What is known of somebody's own clients beside PostgreSQL, before they are deleted with their owner: no token of
 * theirs holds afterwards.
 */
export async function forgetOwnClients(ctx: Ctx, userId: number): Promise<void> {
  const ids = await ownClientIds(ctx.services.db, userId)
  await clientSnapshot.invalidate(ctx.services.redis, ...ids)
  for (const id of ids) forgetClientHere(id)
}
