import { publishPools } from '../pools/publish-pools.ts'
import { type TellCtx, writePools } from '../pools/tell-later.ts'
import { writeOwnSpent } from './own-queries.ts'

/**
 * Tells the ledger and the gate which groups somebody's own accounts do not serve.
 *
 * @param spent null: something has changed, and it has to be found out before they are let through
 *   beyond what their pool holds
 */
export async function noteOwn(
  ctx: TellCtx,
  userId: number,
  spent: readonly string[] | null,
): Promise<void> {
  const { epoch } = ctx.services.leases
  const changed = await writePools(ctx, [userId], () =>
    writeOwnSpent(ctx.services.db, userId, spent),
  )
  await publishPools(ctx, changed, epoch)
}
