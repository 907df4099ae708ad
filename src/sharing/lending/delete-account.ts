import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { callAsPerson, pluginPath, toAppError } from '../plugin/index.ts'
import { settleBeforeDeletion } from '../quota/index.ts'
import { changingAccounts } from './changing-accounts.ts'
import { accountUnknown } from './failures.ts'

/**
 * Deletes an account. The plug-in erases with it every record of its use, so that the ledger copies
 * them out first.
 *
 * @throws {AppError} `not_found`, `conflict`, and where its use could not be copied, in which case it stays
 */
export async function deleteAccount(ctx: Ctx, cookieId: string): Promise<void> {
  const path = pluginPath`/api/accounts/${cookieId}`
  await changingAccounts(ctx, async () => {
    await settleBeforeDeletion(ctx).catch((error: unknown) => {
      throw toAppError(error)
    })
    // A deletion is answered without data.
    const nothing = z.unknown().optional()
    return callAsPerson(ctx, { method: 'DELETE', path }, nothing, accountUnknown)
  })
}
