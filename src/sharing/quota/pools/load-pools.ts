import type { Ctx } from '../../../context.ts'
import type { PoolCopy } from './pool-copy.ts'
import { type ChangedPool, readPools } from './pool-queries.ts'

/**
 * Everything that somebody may draw from, as PostgreSQL knows it; at least what pools of theirs
 * begin with.
 */
export async function loadPools(
  ctx: Pick<Ctx, 'services' | 'clock' | 'config'>,
  userId: number,
  trustLevel: number,
): Promise<ChangedPool[]> {
  const { rows } = await readPools(ctx.services.db, [userId])
  return orOpening(ctx, rows, userId, trustLevel)
}

/** How the pools of several people stand, as PostgreSQL knows it; each may be named more than once. */
export async function loadPoolsOf(
  { services }: Pick<Ctx, 'services'>,
  userIds: readonly number[],
): Promise<ChangedPool[]> {
  return (await readPools(services.db, [...new Set(userIds)])).rows
}

/** Somebody of whom there are no books yet begins with the base of their trust level. */
export function orOpening(
  ctx: Pick<Ctx, 'config' | 'clock'>,
  rows: ChangedPool[],
  userId: number,
  trustLevel: number,
): ChangedPool[] {
  return rows.length > 0
    ? rows
    : [
        {
          ...openingPool(ctx, trustLevel),
          userId,
          group: null,
          frozen: 0,
          heldBack: 0,
          ownSpent: null,
        },
      ]
}

function openingPool(
  { config, clock }: Pick<Ctx, 'config' | 'clock'>,
  trustLevel: number,
): PoolCopy {
  const { poolBases } = config
  const level = Math.min(Math.max(trustLevel, 0), poolBases.length - 1)
  const base = poolBases[level] ?? 0
  return {
    balance: base,
    ceiling: base,
    accruedAt: clock.now(),
    remainder: 0,
    version: 0,
    shared: 0,
    dedicated: 0,
  }
}
