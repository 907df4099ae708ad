import type { PoolCopy } from '../pools/pool-copy.ts'

/** Stands for every group: the person prefers shared accounts to their own. */
export const ALL_GROUPS = '*'

/** What is known of how the plug-in will serve somebody. */
export interface OwnAccounts {
  /** Usable accounts that they alone draw from. */
  dedicated: number
  /** Groups that these do not serve; null: nobody has looked since something changed. */
  ownSpent: readonly string[] | null
  /** Null: whatever group was never drawn from. */
  group: string | null
}

/**
 * How many accounts of their own serve somebody's next call of a group. The plug-in turns to their
 * own accounts first, unless told otherwise, and to everybody's where these have nothing left: only
 * what is certain to stay with their own need not fit their pool.
 */
export function ownServing({ dedicated, ownSpent, group }: OwnAccounts): number {
  if (ownSpent === null || ownSpent.includes(ALL_GROUPS)) return 0
  return group !== null && ownSpent.includes(group) ? 0 : dedicated
}

/** A pool as the gate knows it: of somebody's own accounts only those count that serve them. */
export function atTheGate<Pool extends PoolCopy & OwnAccounts>(pool: Pool): Pool {
  return { ...pool, dedicated: ownServing(pool) }
}
