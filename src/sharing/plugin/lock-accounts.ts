import type { Ctx } from '../../context.ts'
import { type Lock, takeLock } from '../../platform/lock.ts'

/** Longer than a change, the list after it and the ledger may take together. */
const TTL_MS = 60_000

/**
 * The right to change, or to report, somebody's AI accounts, by whoever's hand.
 *
 * @param waitMs how long to wait for whoever has it
 * @returns null while somebody else has it
 */
export function lockAccountsOf(
  ctx: Pick<Ctx, 'services' | 'random' | 'waitUntil'>,
  userId: number,
  waitMs = 0,
): Promise<Lock | null> {
  return takeLock(ctx, `accounts:${userId}`, { ttlMs: TTL_MS, waitMs })
}
