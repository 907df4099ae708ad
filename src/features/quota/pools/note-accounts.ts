import type { Ctx } from '../../../context.ts'
import { type AccountFlags, isUsable } from '../../plugin/index.ts'
import { moveCeiling } from './pool-queries.ts'
import { publishPools } from './publish-pools.ts'

type NoteCtx = Pick<Ctx, 'services' | 'clock' | 'config' | 'random'>

/**
 * Tells the ledger which accounts a person has now. It moves the ceiling, never what was earned, so
 * that toggling an account cannot refill a pool.
 *
 * @param accounts all of them
 */
export async function noteAccounts(
  ctx: NoteCtx,
  userId: number,
  accounts: readonly AccountFlags[],
): Promise<void> {
  const usable = accounts.filter(isUsable)
  const shared = usable.filter(({ is_shared }) => is_shared === 1).length
  await change(ctx, userId, { shared, dedicated: usable.length - shared })
}

/** Moves a person's ceiling to where their trust level and accounts put it; call it when one changed. */
export async function noteTrustLevel(ctx: NoteCtx, userId: number): Promise<void> {
  await change(ctx, userId, null)
}

async function change(
  ctx: NoteCtx,
  userId: number,
  accounts: { shared: number; dedicated: number } | null,
): Promise<void> {
  const { services, clock, config, random } = ctx
  const changed = await moveCeiling(services.db, {
    userId,
    accounts,
    bases: config.poolBases,
    at: new Date(clock.now()),
    key: random.uuid(),
  })
  await publishPools(ctx, changed)
}
