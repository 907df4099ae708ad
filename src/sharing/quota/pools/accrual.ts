import type { PoolState } from '../../../ports/leases.ts'

/**
 * How a pool recovers: 0.2 × ceiling an hour, continuously, up to the ceiling. Everything is counted
 * in whole numbers and nothing is rounded away, so that it makes no difference how often, or when,
 * recovery is written down.
 */

/** What one 1/10,000 unit takes to recover, in ceiling × milliseconds: an hour's fifth. */
export const RECOVERY_DIVISOR = 5 * 3_600_000

/** The pool as it is at `now`, with its recovery written down. */
export function accrue<Pool extends PoolState>(pool: Pool, now: number): Pool {
  const { balance, ceiling, accruedAt, remainder } = pool
  if (now <= accruedAt) return pool
  const missing = ceiling - balance
  if (missing <= 0) return { ...pool, accruedAt: now, remainder: 0 }
  // The product stays exact however long nobody has looked.
  const elapsed = Math.min(now - accruedAt, timeToRecover(missing, ceiling))
  const sum = remainder + ceiling * elapsed
  const gained = Math.floor(sum / RECOVERY_DIVISOR)
  if (gained >= missing) return { ...pool, balance: ceiling, accruedAt: now, remainder: 0 }
  return {
    ...pool,
    balance: balance + gained,
    accruedAt: now,
    remainder: sum % RECOVERY_DIVISOR,
  }
}

/** Milliseconds until `amount` has recovered; infinite without a ceiling. */
export function timeToRecover(amount: number, ceiling: number): number {
  if (amount <= 0) return 0
  return ceiling > 0 ? Math.ceil((amount * RECOVERY_DIVISOR) / ceiling) : Number.POSITIVE_INFINITY
}
