import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { toApiKey } from './key-view.ts'
import { listKeys } from './queries.ts'
import type { ApiKey } from './schemas.ts'

/**
 * Somebody's keys, the newest first; never the keys themselves.
 *
 * @param userId whose; the caller's own unless the caller has asked whether they may see others'
 */
export async function showKeys(
  ctx: Ctx,
  userId = requirePerson(ctx).userId,
): Promise<z.input<typeof ApiKey>[]> {
  const rows = await listKeys(ctx.services.db, userId)
  return rows.map((row) => toApiKey(row, ctx.clock.now()))
}
