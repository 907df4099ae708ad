import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { callAsPerson, pluginPath } from '../plugin/index.ts'
import { changingAccounts } from './changing-accounts.ts'
import { accountUnknown } from './failures.ts'

/**
 * Deletes an account. The plug-in erases with it every record of its use, so that the ledger copies
 * them out first.
 *
 * @throws {AppError} `not_found`, `conflict`
 */
export async function deleteAccount(ctx: Ctx, cookieId: string): Promise<void> {
  const path = pluginPath`/api/accounts/${cookieId}`
  await changingAccounts(ctx, async () => {
    // A deletion is answered without data.
    const nothing = z.unknown().optional()
    return callAsPerson(ctx, { method: 'DELETE', path }, nothing, accountUnknown)
  })
}
