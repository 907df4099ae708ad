import { type Ctx, requirePerson } from '../../../context.ts'
import { toUnits } from '../../../platform/units.ts'
import { accrue } from '../pools/accrual.ts'
import { poolThing } from '../pools/publish-pools.ts'

/** What is left of the person's pool, in units, as far as this isolate knows; null: it does not. */
export function remainingQuota(ctx: Ctx, group: string): number | null {
  const { userId } = requirePerson(ctx)
  const known = ctx.services.leases.look(poolThing(userId, group))
  if (!known) return null
  const { balance } = accrue(known.copy, ctx.clock.now())
  return toUnits(Math.max(0, balance - known.inUse))
}
