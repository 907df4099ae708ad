import type { Ctx } from '../../../context.ts'
import { errorName } from '../../../platform/logger.ts'
import { loadPoolsOf } from '../pools/load-pools.ts'
import type { ChangedPool } from '../pools/pool-queries.ts'
import type { TellCtx } from '../pools/tell-later.ts'
import type { ConsumedRow } from '../settlement/settlement-queries.ts'
import { noteOwn } from './note-own.ts'
import { ownServing } from './serving.ts'

/**
 * What the plug-in did tells what it will do: of somebody whose call went to others' accounts, or
 * whose own account came to its end, it has to be found out anew what their own accounts serve.
 *
 * @param consumed what was used, as the plug-in wrote it down
 * @param changed the pools from which something was drawn
 */
export async function noteFellThrough(
  ctx: TellCtx & Pick<Ctx, 'logger'>,
  consumed: readonly ConsumedRow[],
  changed: readonly ChangedPool[],
): Promise<void> {
  const fallen = changed.filter((pool) => ownServing(pool) > 0).map(({ userId }) => userId)
  const spent = consumed
    .filter(({ isShared, quotaAfter }) => !isShared && quotaAfter <= 0)
    .map(({ userId }) => userId)
  try {
    const known = spent.length > 0 ? await loadPoolsOf(ctx, spent) : []
    const wrong = known.filter((pool) => ownServing(pool) > 0).map(({ userId }) => userId)
    for (const userId of new Set([...fallen, ...wrong])) await noteOwn(ctx, userId, null)
  } catch (error) {
    ctx.logger.log('warn', 'own_accounts_not_noted', { error: errorName(error) })
  }
}
