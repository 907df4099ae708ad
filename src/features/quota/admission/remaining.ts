import { type Ctx, requirePerson } from '../../../context.ts'
import { toUnits } from '../../../platform/units.ts'
import { accrue } from '../pools/accrual.ts'
import { poolThing } from '../pools/publish-pools.ts'

/** What is left of the person's pool, in units, as far as this isolate knows; null: it does not. */
export function remainingQuota(ctx: Ctx, group: string): number | null {
  const { userId } = requirePerson(ctx)
  const { copy, inUse } = ctx.services.leases.look(poolThing(userId, group))
  return copy && toUnits(Math.max(0, accrue(copy, ctx.clock.now()).balance - inUse))
}
