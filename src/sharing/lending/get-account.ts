import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { callAsPerson, pluginPath } from '../plugin/index.ts'
import { heldBack } from '../quota/index.ts'
import { type QuotasRead, tryAccountQuotas } from './account-quotas.ts'
import { accountUnknown } from './failures.ts'
import { accountHealth } from './health.ts'
import { asOwnerSees } from './held-back.ts'
import { PluginAccount, type SingleAccount } from './schemas.ts'

/**
 * One of the person's accounts.
 *
 * @param withQuotas whether to ask upstream what it has left
 * @throws {AppError} `not_found`
 */
export async function getAccount(
  ctx: Ctx,
  cookieId: string,
  withQuotas: boolean,
): Promise<z.output<typeof SingleAccount>> {
  const path = pluginPath`/api/accounts/${cookieId}`
  const [account, holds] = await Promise.all([
    callAsPerson(ctx, { method: 'GET', path }, PluginAccount, accountUnknown),
    heldBack(ctx),
  ])
  const hold = holds.get(cookieId)
  const read: Partial<QuotasRead> = withQuotas ? await tryAccountQuotas(ctx, cookieId) : {}
  const health = accountHealth(account, ctx.clock.now(), read.quotas, hold)
  return { ...asOwnerSees(account, hold), health, ...read }
}
