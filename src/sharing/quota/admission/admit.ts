import { type Ctx, requirePerson } from '../../../context.ts'
import type { ModelFacts } from '../../../metering/catalog/index.ts'
import type { Claim, Demand, Thing } from '../claims/claims.ts'
import { estimateCharge, type ForeseenCall } from '../metering.ts'
import { accrue } from '../pools/accrual.ts'
import { loadPools } from '../pools/load-pools.ts'
import { poolThing, thingsOf } from '../pools/publish-pools.ts'
import { budgetCopies } from './budget-copies.ts'
import { budgetsOf, demandsOf } from './demands.ts'
import { poolsReadBeside } from './prepare.ts'
import { refreshAccounts } from './refresh-accounts.ts'
import { refusalOf } from './refusal.ts'

/**
 * Reserves what a call is expected to use, from the person's pool and from what else limits them;
 * without asking anybody where this isolate holds enough, else in one round trip. Whatever it returns
 * has to be settled.
 *
 * @throws {AppError} `insufficient_quota`, `no_account`, `rate_limited`
 */
export async function admit(ctx: Ctx, facts: ModelFacts, foreseen: ForeseenCall): Promise<Claim[]> {
  const { leases, redis } = ctx.services
  const person = requirePerson(ctx)
  const now = ctx.clock.now()
  const estimate = estimateCharge(ctx, facts, foreseen)
  const demands = demandsOf(ctx, person, facts.group, estimate, now)
  const held = leases.takeHeld(demands, now)
  if (held) return held

  const assumed = assume(ctx, facts.group, demands, now)
  if (assumed) return assumed

  let verdict = await leases.take(redis, demands, now)
  if (verdict.type === 'unknown') {
    const { things, fills } = await readCopies(ctx)
    // Told first, so that a pool which was never drawn from finds what pools begin with.
    const told = things.filter(({ key }) => demands.every(({ thing }) => thing.key !== key))
    const all = [...told.map((thing) => ({ thing, amount: 0 })), ...demands]
    verdict = await leases.take(redis, all, now, fills)
  }
  if (verdict.type === 'refused' && (await refreshAccounts(ctx, verdict.thing))) {
    verdict = await leases.take(redis, demands, now)
  }
  if (verdict.type === 'granted') return verdict.claims
  if (verdict.type === 'unknown') throw new Error('a copy was written and is not there')
  // What this isolate holds would have served the call, had it been enough.
  const free = verdict.free + leases.look(verdict.thing).spare
  throw refusalOf(ctx, person, { ...verdict, free }, { facts, estimate })
}

/** So many calls have to fit before one is let through that nobody else has been told of. */
const COMFORT = 20

/**
 * Lets somebody through of whom Redis has not heard for long, so that no call is under way elsewhere,
 * where there is far more than one call needs; Redis is told meanwhile. Two stores have been waited
 * for already.
 */
function assume(ctx: Ctx, group: string, demands: readonly Demand[], now: number): Claim[] | null {
  const pools = poolsReadBeside(ctx)
  const pool = pools?.find((each) => each.group === group) ?? pools?.find((each) => !each.group)
  if (!pools || !pool) return null
  const { leases, redis } = ctx.services
  // Calls that were settled since it was read have given back what they held: what they cost counts.
  const newest = leases.learn(poolThing(pool.userId, group), pool, now)
  const fit = demands.map(({ thing, amount }): Demand | null => {
    const isPool = thing.templateKey !== undefined
    const there = isPool ? accrue(newest, now).balance : thing.capacity
    if (there !== null && there >= leases.look(thing).inUse + COMFORT * amount) {
      return { thing, amount }
    }
    // With an account of their own nobody is stopped by their pool.
    return isPool && newest.dedicated > 0 ? { thing, amount: 0 } : null
  })
  const needed = fit.filter((demand) => demand !== null)
  if (needed.length < demands.length) return null
  const claims = leases.assume(needed, now)
  const { things, fills } = thingsOf(pools)
  ctx.waitUntil(leases.tell(redis, needed, things, now, fills).catch(() => undefined))
  return claims
}

/** What Redis has to be told of somebody of whom it knows nothing. */
async function readCopies(ctx: Ctx): Promise<{ things: Thing[]; fills: Map<string, string> }> {
  const person = requirePerson(ctx)
  const [pools, copies] = await Promise.all([
    poolsReadBeside(ctx) ?? loadPools(ctx, person.userId, person.trustLevel),
    budgetCopies(ctx.services.db, budgetsOf(person, ctx.clock.now())),
  ])
  const { things, fills } = thingsOf(pools)
  return { things, fills: new Map([...fills, ...copies]) }
}
