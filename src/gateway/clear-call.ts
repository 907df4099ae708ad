import type { Ctx } from '../context.ts'
import { AppError } from '../errors.ts'
import type { ModelFacts } from '../metering/catalog/index.ts'
import { admit, type ForeseenCall } from '../sharing/quota/index.ts'
import type { CallRecord } from './call-record.ts'

/**
 * Waits until limits and pool have let a call through; both are asked at once.
 *
 * @throws {AppError} `rate_limited`, `insufficient_quota`, `no_account`
 */
export async function clearCall(
  ctx: Ctx,
  call: CallRecord,
  facts: ModelFacts,
  foreseen: ForeseenCall,
): Promise<void> {
  const [limits, claims] = await Promise.allSettled([ctx.cleared(), admit(ctx, facts, foreseen)])
  // What was reserved is given back when the call ends, refused or not.
  if (claims.status === 'fulfilled') call.hold(claims.value)
  const refusal = [limits, claims].find((outcome) => outcome.status === 'rejected')?.reason
  if (!refusal) return
  if (isRateLimited(refusal)) {
    // Whoever is refused for calling too often must not fill the books.
    call.discard()
    // Nor does a call too many at once count as one of the day's.
    if (limits.status === 'fulfilled') ctx.uncount()
  }
  throw refusal
}

const isRateLimited = (refusal: unknown) =>
  refusal instanceof AppError && refusal.code === 'rate_limited'
