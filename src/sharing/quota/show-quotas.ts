import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { toUnits } from '../../platform/units.ts'
import { heldOf } from './claims/held.ts'
import { accrue, timeToRecover } from './pools/accrual.ts'
import { loadPools } from './pools/load-pools.ts'
import type { ChangedPool } from './pools/pool-queries.ts'
import { poolThing } from './pools/publish-pools.ts'
import type { PoolView, Quotas } from './schemas.ts'

/**
 * What somebody may draw, as it is at this moment.
 *
 * @param person whose; the caller's own unless the caller has asked whether they may see others'
 */
export async function showQuotas(
  ctx: Ctx,
  { userId, trustLevel }: { userId: number; trustLevel: number } = requirePerson(ctx),
): Promise<z.input<typeof Quotas>> {
  const pools = await loadPools(ctx, userId, trustLevel)
  const opened = pools.filter((pool) => pool.group !== null)
  const held = await heldOf(
    ctx.services.redis,
    opened.map((pool) => poolThing(userId, pool.group ?? '').key),
    ctx.clock.now(),
  )
  const template = pools.find((pool) => pool.group === null)
  const { ceiling = 0, shared = 0, dedicated = 0, heldBack = 0 } = template ?? {}
  return {
    ceiling: toUnits(ceiling),
    recovers_per_hour: toUnits(ceiling / 5),
    accounts: { shared, dedicated: dedicated - heldBack, held_back: heldBack },
    pools: [
      ...opened.map((pool, index) => viewOf(ctx, pool, held[index] ?? 0)),
      ...(template ? [viewOf(ctx, template, 0)] : []),
    ].toSorted((one, other) => one.group.localeCompare(other.group)),
  }
}

function viewOf(ctx: Ctx, pool: ChangedPool, held: number): z.input<typeof PoolView> {
  const { balance, ceiling, remainder } = accrue(pool, ctx.clock.now())
  const available = balance - held
  const inSeconds = (amount: number) => {
    const ms =
      timeToRecover(amount, ceiling) - (ceiling > 0 && amount > 0 ? remainder / ceiling : 0)
    return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms / 1000)) : null
  }
  return {
    group: pool.group ?? '*',
    balance: toUnits(balance),
    frozen: toUnits(pool.frozen),
    reserved: toUnits(held),
    available: toUnits(Math.max(0, available)),
    ceiling: toUnits(ceiling),
    recovers_per_hour: toUnits(ceiling / 5),
    full_in: inSeconds(ceiling - balance),
    next_request_in: inSeconds(ctx.config.QUOTA_ESTIMATE - available),
  }
}
