import * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { errorName } from '../../platform/logger.ts'
import { callAsPerson } from '../plugin/index.ts'
import { learnOwn, noteAccounts } from '../quota/index.ts'
import { ListedAccount } from './schemas.ts'

/** The accounts that the person has brought, newest first, as the plug-in lists them. */
export function readAccounts(ctx: Ctx): Promise<ListedAccount[]> {
  return callAsPerson(ctx, { method: 'GET', path: '/api/accounts' }, z.array(ListedAccount))
}

/**
 * Tells the ledger which accounts the person has. Whoever has the lock on them may: a list that was
 * read before a change must not arrive after it. Does not reject, since what was done at the plug-in
 * is done; the next listing tells it again.
 *
 * @param accounts all of them; read anew when absent
 * @param isBrought one is new: what their own accounts serve is asked for at once
 */
export async function tellLedger(
  ctx: Ctx,
  accounts?: readonly ListedAccount[],
  isBrought = false,
): Promise<void> {
  const { userId } = requirePerson(ctx)
  try {
    const listed = accounts ?? (await readAccounts(ctx))
    await noteAccounts(ctx, userId, listed)
    if (isBrought) await learnOwn(ctx, listed)
  } catch (error) {
    ctx.logger.log('warn', 'ledger_not_told', { user_id: userId, error: errorName(error) })
  }
}
