import { type Ctx, requirePerson } from '../../../context.ts'
import type { ModelFacts } from '../../catalog/index.ts'
import type { Claim, Thing } from '../claims/leases.ts'
import { estimateCharge, type ForeseenCall } from '../metering.ts'
import { loadPools } from '../pools/load-pools.ts'
import { thingsOf } from '../pools/publish-pools.ts'
import { budgetCopy, budgetsOf, demandsOf } from './demands.ts'
import { keyUseSince } from './key-use-queries.ts'
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
  throw refusalOf(ctx, person, verdict, { group: facts.group, estimate })
}

/** What Redis has to be told of somebody of whom it knows nothing. */
async function readCopies(ctx: Ctx): Promise<{ things: Thing[]; fills: Map<string, string> }> {
  const person = requirePerson(ctx)
  const budgets = budgetsOf(person, ctx.clock.now())
  const [pools, ...used] = await Promise.all([
    loadPools(ctx, person.userId, person.trustLevel),
    ...budgets.map(({ apiKeyId, from }) => keyUseSince(ctx.services.db, apiKeyId, new Date(from))),
  ])
  const { things, fills } = thingsOf(pools)
  for (const [index, budget] of budgets.entries()) {
    fills.set(budget.thing.key, budgetCopy(budget, used[index] ?? 0))
  }
  return { things, fills }
}
