import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { PluginError } from '../../ports/plugin-client.ts'
import { callAsPerson, pluginPath, toAppError } from '../plugin/index.ts'
import { dropHold, lendReserve } from '../quota/index.ts'
import { changingAccounts, takeToggle } from './changing-accounts.ts'
import { accountUnknown } from './failures.ts'
import { AccountName, AccountStatus, AccountType } from './schemas.ts'

/**
 * Enables or disables an account; what it is already stays as it is.
 *
 * @throws {AppError} `not_found`, `conflict`, `rate_limited`
 */
export async function setAccountStatus(
  ctx: Ctx,
  cookieId: string,
  status: number,
): Promise<z.output<typeof AccountStatus>> {
  const path = pluginPath`/api/accounts/${cookieId}/status`
  await takeToggle(ctx)
  return changingAccounts(ctx, () =>
    callAsPerson(ctx, { method: 'PUT', path, body: { status } }, AccountStatus, accountUnknown),
  )
}

/** A slip of the newer plug-in: it can lend an account, and cannot take one back. */
const CANNOT_TAKE_BACK = /is not defined/

/**
 * Lends an account to everybody, or takes it back. What was held back for its owner is then as they
 * say: taken back, or lent to the last. Where the plug-in cannot take one back, it is switched off,
 * so that nobody draws from it any more; what it is then is answered.
 *
 * @throws {AppError} `not_found`, `conflict`, `rate_limited`
 */
export async function setAccountType(
  ctx: Ctx,
  cookieId: string,
  isShared: number,
): Promise<z.output<typeof AccountType>> {
  const path = pluginPath`/api/accounts/${cookieId}/type`
  const body = { is_shared: isShared }
  await takeToggle(ctx)
  return changingAccounts(ctx, async () => {
    if (isShared === 0) await dropHold(ctx, cookieId)
    const request = { method: 'PUT', path, body } as const
    const cannot = new AppError('upstream_error')
    try {
      const changed = await callAsPerson(ctx, request, AccountType, {
        ...accountUnknown,
        500: (refusal) =>
          isShared === 0 && CANNOT_TAKE_BACK.test(refusal) ? cannot : toAppError(failed(refusal)),
      })
      if (isShared === 1) await lendReserve(ctx, cookieId)
      return changed
    } catch (error) {
      if (error !== cannot) throw error
      return switchOff(ctx, cookieId)
    }
  })
}

const failed = (refusal: string) => new PluginError(500, 'the plug-in API refused', { refusal })

async function switchOff(ctx: Ctx, cookieId: string): Promise<z.output<typeof AccountType>> {
  const path = pluginPath`/api/accounts/${cookieId}/status`
  const request = { method: 'PUT', path, body: { status: 0 } } as const
  const { status } = await callAsPerson(ctx, request, AccountStatus, accountUnknown)
  return { cookie_id: cookieId, is_shared: 1, status }
}

/** @throws {AppError} `not_found` */
export function renameAccount(
  ctx: Ctx,
  cookieId: string,
  name: string,
): Promise<z.output<typeof AccountName>> {
  const path = pluginPath`/api/accounts/${cookieId}/name`
  return callAsPerson(ctx, { method: 'PUT', path, body: { name } }, AccountName, accountUnknown)
}
