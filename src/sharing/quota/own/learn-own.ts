import { type Ctx, requirePerson } from '../../../context.ts'
import { errorName } from '../../../platform/logger.ts'
import type { ListedFlags } from '../pools/listed-accounts.ts'
import { askOwn } from './ask-own.ts'
import { noteOwn } from './note-own.ts'

/**
 * Finds out what the person's own accounts serve before they need it. Does not reject: else it is
 * found out when it is needed.
 *
 * @param accounts all of theirs
 */
export async function learnOwn(ctx: Ctx, accounts: readonly ListedFlags[]): Promise<void> {
  const { userId } = requirePerson(ctx)
  try {
    const spent = await askOwn(ctx, accounts)
    if (spent) await noteOwn(ctx, userId, spent)
  } catch (error) {
    const fields = { user_id: userId, error: errorName(error) }
    ctx.logger.log('warn', 'own_accounts_not_noted', fields)
  }
}
