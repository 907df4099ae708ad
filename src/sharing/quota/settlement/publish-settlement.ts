import type { Ctx } from '../../../context.ts'
import { noteClosed, openCalls } from '../../../metering/usage/index.ts'
import { budgetCopies } from '../admission/budget-copies.ts'
import type { KeyBudget } from '../admission/demands.ts'
import type { Claim, Thing } from '../claims/claims.ts'
import { atTheGate } from '../own/serving.ts'
import type { ChangedPool } from '../pools/pool-queries.ts'
import { poolThing, thingsOf } from '../pools/publish-pools.ts'

/**
 * Shows the gate what is in the books now, gives back what calls held for it, and closes them, in one
 * round trip.
 * Without Redis the claims lapse by themselves, and a call that stays open costs a look of cron's.
 *
 * @param epoch of before they were written
 */
export async function publishSettlement(
  { services, clock }: Pick<Ctx, 'services' | 'clock'>,
  epoch: string,
  changed: readonly ChangedPool[],
  claims: readonly Claim[],
  budgets: readonly KeyBudget[] = [],
  closed: readonly string[] = [],
): Promise<void> {
  const { leases, redis, db } = services
  const copies = await budgetCopies(db, budgets, epoch).catch(() => new Map<string, string>())
  const pools = thingsOf(changed, epoch)
  const touched = [...pools.things, ...claims.map(({ thing }) => thing)]
  const things = new Map<string, Thing>(
    [...touched, ...budgets.map(({ thing }) => thing)].map((thing) => [thing.key, thing]),
  )
  const fills = new Map([...pools.fills, ...copies])
  const now = clock.now()
  for (const pool of changed) {
    if (pool.group !== null) leases.learn(poolThing(pool.userId, pool.group), atTheGate(pool), now)
  }
  // From here on it must be one stroke: another call of this isolate takes along what it gives back.
  leases.spend(claims)
  noteClosed(closed)
  try {
    await leases.update(redis, [...things.values()], now, fills, openCalls(closed))
  } catch {
    // What the gate could not be told goes along with the next change that reaches it.
  }
}
