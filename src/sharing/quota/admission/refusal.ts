import type { Ctx, Person } from '../../../context.ts'
import { AppError } from '../../../errors.ts'
import type { ModelFacts } from '../../../metering/catalog/index.ts'
import { toUnits } from '../../../platform/units.ts'
import type { Verdict } from '../claims/claims.ts'
import { accrue, timeToRecover } from '../pools/accrual.ts'
import { budgetsOf, callsThing } from './demands.ts'
import { leftHeader, tokenHeaders } from './remaining.ts'

/** Nobody is told to come back later than this. */
const MAX_RETRY_SECONDS = 86_400

/** What a call is refused for, and when it is worth another try. */
export function refusalOf(
  ctx: Pick<Ctx, 'config' | 'clock'>,
  person: Person,
  { thing, free, copy }: Extract<Verdict, { type: 'refused' }>,
  { facts, estimate }: { facts: ModelFacts; estimate: number },
): AppError {
  const calls = callsThing(ctx, person)
  if (thing.key === calls.key) {
    return new AppError(
      'rate_limited',
      `You have ${calls.capacity} calls under way, which is as many as you may. Wait until one is over.`,
      { retryAfterSeconds: 1 },
    )
  }
  const now = ctx.clock.now()
  const budget = budgetsOf(person, now).find((each) => each.thing.key === thing.key)
  if (budget) {
    return new AppError(
      'insufficient_quota',
      `This API key may use ${toUnits(budget.limit)} units until ${new Date(budget.until).toISOString()}, and has used them.`,
      {
        retryAfterSeconds: retryAfter(budget.until - now),
        headers: Object.fromEntries(leftHeader(free)),
      },
    )
  }
  const { ceiling = 0, shared = 0 } = copy ?? {}
  if (ceiling <= 0) {
    return new AppError(
      'no_account',
      shared > 0
        ? 'You may not draw from the pool.'
        : 'You have no usable AI account and nothing to draw from the pool. Add an account with POST /api/plugin-api/oauth/authorize; lending one ("is_shared": 1) lets you draw from everybody\'s.',
    )
  }
  // What runs now takes what it holds; a debt has to be made good first.
  const left = Math.min(copy ? accrue(copy, now).balance : 0, Math.max(0, free))
  const recovered = timeToRecover(estimate - left, ceiling)
  return new AppError(
    'insufficient_quota',
    `Your pool for "${facts.group}" is used up: ${toUnits(Math.max(0, free))} units are left, and it recovers ${toUnits(ceiling / 5)} an hour up to ${toUnits(ceiling)}. See GET /api/quotas.`,
    {
      retryAfterSeconds: retryAfter(recovered),
      headers: Object.fromEntries([
        ...leftHeader(free),
        ...tokenHeaders(ctx, facts, { left: free, ceiling }),
      ]),
    },
  )
}

function retryAfter(ms: number): number {
  return Math.min(MAX_RETRY_SECONDS, Math.max(1, Math.ceil(ms / 1000)))
}
