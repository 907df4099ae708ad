import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { Lock } from '../../platform/lock.ts'
import { rateHeaders } from '../../platform/rate-limit.ts'
import { lockAccountsOf } from '../plugin/index.ts'
import { tellLedger } from './tell-ledger.ts'

const WAIT_MS = 5_000

/** The right to change, or to report, a person's accounts; null while somebody else has it. */
export function lockAccounts(ctx: Ctx, waitMs = 0): Promise<Lock | null> {
  return lockAccountsOf(ctx, requirePerson(ctx).userId, waitMs)
}

/**
 * Changes a person's accounts, one change at a time, and tells the ledger what they are then. It
 * goes on to its end even if the client leaves in the middle.
 *
 * @param isBrought whether it brings an account
 * @throws {AppError} `conflict` when another change does not end
 */
export function changingAccounts<Result>(
  ctx: Ctx,
  change: () => Promise<Result>,
  isBrought = false,
): Promise<Result> {
  const work = changeAlone(ctx, change, isBrought)
  ctx.waitUntil(work.catch(() => undefined))
  return work
}

async function changeAlone<Result>(
  ctx: Ctx,
  change: () => Promise<Result>,
  isBrought: boolean,
): Promise<Result> {
  const lock = await lockAccounts(ctx, WAIT_MS)
  if (!lock) {
    throw new AppError(
      'conflict',
      'Another change of your accounts is still under way. Try again in a moment.',
      { retryAfterSeconds: 5 },
    )
  }
  try {
    const result = await change()
    await tellLedger(ctx, undefined, isBrought)
    return result
  } catch (error) {
    // Without a clear answer it may have happened all the same.
    if (!(error instanceof AppError) || error.status >= 500) await tellLedger(ctx)
    throw error
  } finally {
    await lock.release()
  }
}

/**
 * Counts one toggle of the person: each makes the plug-in move quota between its own pools.
 *
 * @throws {AppError} `rate_limited`
 */
export async function takeToggle(ctx: Ctx): Promise<void> {
  const { userId } = requirePerson(ctx)
  const policy = { name: 'toggle', ...ctx.config.rateLimits.toggle }
  const verdict = await ctx.services.rateLimiter.take(policy, String(userId), ctx.clock.now())
  if (verdict.isAllowed) return
  throw new AppError('rate_limited', 'You change your accounts too often. Slow down.', {
    retryAfterSeconds: verdict.resetSeconds,
    headers: Object.fromEntries(rateHeaders(verdict)),
  })
}
