import type { Ctx } from '../../../context.ts'
import { type AccountFlags, isUsable } from '../../plugin/index.ts'
import type { NotedAccount } from '../reserve/lent-queries.ts'
import { moveCeiling } from './pool-queries.ts'
import { publishPools } from './publish-pools.ts'
import { type TellCtx, writePools } from './tell-later.ts'

type NoteCtx = TellCtx & Pick<Ctx, 'config' | 'random'>

/**
 * Tells the ledger which accounts a person has now. It moves the ceiling, never what was earned, so
 * that toggling an account cannot refill a pool. One that is
 * held back for its owner is lent all the same.
 *
 * @param accounts all of them
 */
export async function noteAccounts(
  ctx: NoteCtx,
  userId: number,
  accounts: readonly (AccountFlags & { cookie_id: string })[],
): Promise<void> {
  const noted = accounts.map((account) => ({
    cookieId: account.cookie_id,
    isShared: account.is_shared === 1,
    isUsable: isUsable(account),
  }))
  await change(ctx, userId, noted)
}

/** Moves a person's ceiling to where their trust level and accounts put it; call it when one changed. */
export async function noteTrustLevel(ctx: NoteCtx, userId: number): Promise<void> {
  await change(ctx, userId, null)
}

async function change(
  ctx: NoteCtx,
  userId: number,
  accounts: readonly NotedAccount[] | null,
): Promise<void> {
  const { services, clock, config, random } = ctx
  const { epoch } = services.leases
  const changed = await writePools(ctx, [userId], () =>
    moveCeiling(services.db, {
      userId,
      accounts,
      bases: config.poolBases,
      at: new Date(clock.now()),
      key: random.uuid(),
    }),
  )
  await publishPools(ctx, changed, epoch)
}
