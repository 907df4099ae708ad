import { type Ctx, requirePerson } from '../../../context.ts'
import type { ModelFacts } from '../../../metering/catalog/index.ts'
import type { HeaderLine } from '../../../platform/http/headers.ts'
import { toUnits } from '../../../platform/units.ts'
import { isMeteredByTokens } from '../metering.ts'
import { accrue, timeToRecover } from '../pools/accrual.ts'
import { poolThing } from '../pools/publish-pools.ts'

/** A person's pool as an isolate knows it, in 1/10,000 unit. */
export interface KnownPool {
  left: number
  ceiling: number
  /** Milliseconds until it is full again. */
  fullInMs: number
}

/** The person's pool of a model's group, as far as this isolate knows; null where it does not. */
export function knownPool(ctx: Ctx, { group }: ModelFacts): KnownPool | null {
  const { userId } = requirePerson(ctx)
  const { copy, inUse } = ctx.services.leases.look(poolThing(userId, group))
  if (!copy) return null
  const { ceiling } = copy
  const left = accrue(copy, ctx.clock.now()).balance - inUse
  return { left, ceiling, fullInMs: timeToRecover(ceiling - left, ceiling) }
}

/** What is left of it, in our own words and, where tokens are counted, in OpenAI's. */
export function remainingHeaders(
  ctx: Pick<Ctx, 'config' | 'clock'>,
  facts: ModelFacts,
  pool: KnownPool,
): HeaderLine[] {
  return [...leftHeader(pool.left), ...tokenHeaders(ctx, facts, pool)]
}

/** @param left in 1/10,000 unit */
export function leftHeader(left: number): HeaderLine[] {
  return [['x-quota-remaining', toUnits(Math.max(0, left)).toFixed(4)]]
}

/**
 * The same in tokens, in OpenAI's words; only where tokens are what is counted, since an account says
 * nothing of how many are left in it.
 *
 * @param pool in 1/10,000 unit
 */
export function tokenHeaders(
  ctx: Pick<Ctx, 'config' | 'clock'>,
  { weight }: Pick<ModelFacts, 'weight'>,
  { left, ceiling }: { left: number; ceiling: number },
): HeaderLine[] {
  if (!isMeteredByTokens(ctx) || weight <= 0 || ceiling <= 0) return []
  // The weight is in 1/10,000 too: the two cancel out.
  const tokens = (amount: number) =>
    String(Math.floor((Math.max(0, amount) * ctx.config.TOKENS_PER_UNIT) / weight))
  const resetMs = timeToRecover(ceiling - left, ceiling)
  return [
    ['x-ratelimit-limit-tokens', tokens(ceiling)],
    ['x-ratelimit-remaining-tokens', tokens(left)],
    ['x-ratelimit-reset-tokens', `${Math.ceil(resetMs / 1000)}s`],
  ]
}
