import type { Ctx } from '../../context.ts'

/** An AI account as the ledger sees it. */
export interface LentAccount {
  cookieId: string
  isShared: boolean
  /** Enabled, and not in need of a new authorization. */
  isUsable: boolean
}

/**
 * Tells the ledger which accounts a person has now. It moves the ceiling, never what was earned, so
 * that toggling an account cannot refill a pool.
 *
 * @param accounts all of them
 */
export async function noteAccounts(
  _ctx: Ctx,
  _userId: number,
  _accounts: readonly LentAccount[],
): Promise<void> {}
