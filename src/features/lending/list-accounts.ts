import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { lockAccounts } from './changing-accounts.ts'
import { accountHealth } from './health.ts'
import type { Account } from './schemas.ts'
import { readAccounts, tellLedger } from './tell-ledger.ts'

/** The accounts that the person has brought, newest first; the ledger hears of them on the way. */
export async function listAccounts(ctx: Ctx): Promise<z.output<typeof Account>[]> {
  // While a change is under way it is the change that tells the ledger, when it is done.
  const lock = await lockAccounts(ctx)
  let telling: Promise<void> | null = null
  try {
    const accounts = await readAccounts(ctx)
    if (lock) telling = tellLedger(ctx, accounts)
    const now = ctx.clock.now()
    return accounts.map((account) => ({ ...account, health: accountHealth(account, now) }))
  } finally {
    ctx.waitUntil(Promise.resolve(telling).then(() => lock?.release()))
  }
}
