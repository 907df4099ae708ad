import type { Hold } from '../quota/index.ts'
import type { PluginAccount } from './schemas.ts'

/** Whether an account that is kept for its owner is theirs alone at this moment, or nobody's. */
export const isHeldBack = ({ is_shared }: Pick<PluginAccount, 'is_shared'>, { isOff }: Hold) =>
  is_shared === 0 || isOff

/**
 * An account as its owner has set it: one that is held back for them is lent all the same.
 *
 * @param account as the plug-in has it
 * @param hold what is kept of it for its owner
 */
export function asOwnerSees<Account extends Pick<PluginAccount, 'is_shared'>>(
  account: Account,
  hold: Hold | undefined,
): Account & { held_back: boolean } {
  if (!hold) return { ...account, held_back: false }
  return { ...account, is_shared: 1, held_back: isHeldBack(account, hold) }
}
