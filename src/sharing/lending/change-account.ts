import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { callAsPerson, cannotTakeBack, pluginPath } from '../plugin/index.ts'
import { dropHold, endOff, heldBack, keepOff, lendReserve } from '../quota/index.ts'
import { changingAccounts, takeToggle } from './changing-accounts.ts'
import { accountUnknown } from './failures.ts'
import { AccountName, AccountStatus, AccountType } from './schemas.ts'
import { noteOwnersOff } from './tell-off.ts'

/**
 * Enables or disables an account; what it is already stays as it is. One that was switched off to be
 * kept for its owner is then as they say: lent to the last, or off for good.
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
  return changingAccounts(ctx, async () => {
    if (status === 0) await keepOff(ctx, cookieId)
    const request = { method: 'PUT', path, body: { status } } as const
    const changed = await callAsPerson(ctx, request, AccountStatus, accountUnknown)
    if (status === 1) await endOff(ctx, cookieId)
    else await noteOwnersOff(ctx, cookieId)
    return changed
  })
}

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
    const wasOff = isShared === 1 && (await heldBack(ctx)).get(cookieId)?.isOff
    try {
      const changed = await callAsPerson(ctx, request, AccountType, accountUnknown)
      if (wasOff) await switchTo(ctx, cookieId, 1)
      if (isShared === 1) await lendReserve(ctx, cookieId)
      return changed
    } catch (error) {
      if (isShared === 1 || !(error instanceof AppError && cannotTakeBack(error.cause))) throw error
      const status = await switchTo(ctx, cookieId, 0)
      await noteOwnersOff(ctx, cookieId)
      return { cookie_id: cookieId, is_shared: 1, status }
    }
  })
}

async function switchTo(ctx: Ctx, cookieId: string, status: 0 | 1): Promise<number> {
  const path = pluginPath`/api/accounts/${cookieId}/status`
  const request = { method: 'PUT', path, body: { status } } as const
  return (await callAsPerson(ctx, request, AccountStatus, accountUnknown)).status
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
