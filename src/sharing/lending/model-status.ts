import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { callAsPerson, pluginPath } from '../plugin/index.ts'
import { noteOwnersSwitch } from '../quota/index.ts'
import { readAccountQuotas } from './account-quotas.ts'
import { takeToggle } from './changing-accounts.ts'
import { accountUnknown } from './failures.ts'
import { ModelStatus } from './schemas.ts'

/**
 * Uses a model of an account again, or leaves it out.
 *
 * @throws {AppError} `not_found` for an account or a model that is not there, `rate_limited`
 */
export async function setModelStatus(
  ctx: Ctx,
  cookieId: string,
  model: string,
  status: number,
): Promise<z.output<typeof ModelStatus>> {
  const path = pluginPath`/api/accounts/${cookieId}/quotas/${model}/status`
  await takeToggle(ctx)
  const changed = await switchModel(ctx, cookieId, model, path, status)
  await noteOwnersSwitch(ctx, cookieId, model, status === 0)
  return changed
}

async function switchModel(
  ctx: Ctx,
  cookieId: string,
  model: string,
  path: string,
  status: number,
): Promise<z.output<typeof ModelStatus>> {
  const set = (meanings = {}) =>
    callAsPerson(ctx, { method: 'PUT', path, body: { status } }, ModelStatus, {
      ...accountUnknown,
      ...meanings,
    })
  const unclear = new AppError('not_found', `This account has no quota for the model "${model}".`)
  try {
    return await set({ 500: () => unclear })
  } catch (error) {
    if (error !== unclear) throw error
    // It is 500 to the plug-in whether it has no such model or is broken: its list knows, and
    // reading the list may be what brings the model in.
    const rows = await readAccountQuotas(ctx, cookieId)
    if (!rows.some((row) => row.model_name === model)) throw unclear
    return set()
  }
}
