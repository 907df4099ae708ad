import { type Ctx, requirePerson } from '../../../context.ts'
import type { ModelFacts } from '../../../metering/catalog/index.ts'
import type { Claim, Thing } from '../claims/claims.ts'
import { estimateCharge, type ForeseenCall } from '../metering.ts'
import { loadPools } from '../pools/load-pools.ts'
import { thingsOf } from '../pools/publish-pools.ts'
import { budgetCopies } from './budget-copies.ts'
import { budgetsOf, demandsOf } from './demands.ts'
import { poolsReadBeside } from './prepare.ts'
import { refreshAccounts } from './refresh-accounts.ts'
import { refusalOf } from './refusal.ts'

/** Redis may lose its data while PostgreSQL is asked; twice in a row it hardly does. */
const MAX_READINGS = 2

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

  const take = ({ things, fills }: Copies) => {
    // Told first, so that a pool which was never drawn from finds what pools begin with.
    const told = things.filter(({ key }) => demands.every(({ thing }) => thing.key !== key))
    return leases.take(
      redis,
      [...told.map((thing) => ({ thing, amount: 0 })), ...demands],
      now,
      fills,
    )
  }
  // Who was unknown a moment ago has no copies of pools either.
  const beside = poolsReadBeside(ctx)
  let verdict = beside
    ? await take(thingsOf(beside.pools, beside.epoch))
    : await leases.take(redis, demands, now)
  for (let reading = 1; verdict.type === 'unknown' && reading <= MAX_READINGS; reading++) {
    verdict = await take(await readCopies(ctx))
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

interface Copies {
  things: Thing[]
  fills: Map<string, string>
}

/** What Redis has to be told of somebody of whom it knows nothing. */
async function readCopies(ctx: Ctx): Promise<Copies> {
  const person = requirePerson(ctx)
  const { db, leases } = ctx.services
  const { epoch } = leases
  const [pools, copies] = await Promise.all([
    loadPools(ctx, person.userId, person.trustLevel),
    budgetCopies(db, budgetsOf(person, ctx.clock.now()), epoch),
  ])
  const { things, fills } = thingsOf(pools, epoch)
  return { things, fills: new Map([...fills, ...copies]) }
}
