import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { type Hold, heldBack } from '../quota/index.ts'
import { lockAccounts } from './changing-accounts.ts'
import { accountHealth } from './health.ts'
import { asOwnerSees } from './held-back.ts'
import type { Account, ListedAccount } from './schemas.ts'
import { readAccounts, tellLedger } from './tell-ledger.ts'

/** The accounts that the person has brought, newest first; the ledger hears of them on the way. */
export async function listAccounts(ctx: Ctx): Promise<z.output<typeof Account>[]> {
  const now = ctx.clock.now()
  return (await listWithHolds(ctx)).map(({ account, hold }) => ({
    ...asOwnerSees(account, hold),
    health: accountHealth(account, now, [], hold),
  }))
}

interface HeldAccount {
  account: ListedAccount
  hold: Hold | undefined
}

/**
 * The same as the plug-in has them, each with what is kept of it for the person. It goes on to its
 * end whoever has left or failed beside it: else the lock would stay behind.
 */
export function listWithHolds(ctx: Ctx): Promise<HeldAccount[]> {
  const work = listAlone(ctx)
  ctx.waitUntil(work.catch(() => undefined))
  return work
}

async function listAlone(ctx: Ctx): Promise<HeldAccount[]> {
  // While a change is under way it is the change that tells the ledger, when it is done.
  const lock = await lockAccounts(ctx)
  let telling: Promise<void> | null = null
  try {
    const [accounts, holds] = await Promise.all([readAccounts(ctx), heldBack(ctx)])
    if (lock) telling = tellLedger(ctx, accounts)
    return accounts.map((account) => ({ account, hold: holds.get(account.cookie_id) }))
  } finally {
    ctx.waitUntil(Promise.resolve(telling).then(() => lock?.release()))
  }
}
