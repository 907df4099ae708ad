import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { callAsPerson, pluginPath } from '../plugin/index.ts'
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

/**
 * Lends an account to everybody, or takes it back. What was held back for its owner is then as they
 * say: taken back, or lent to the last.
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
    const changed = await callAsPerson(ctx, request, AccountType, accountUnknown)
    if (isShared === 1) await lendReserve(ctx, cookieId)
    return changed
  })
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
