import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { errorName } from '../../platform/logger.ts'
import { callAsPerson, pluginPath } from '../plugin/index.ts'
import { type AskAsOwner, ownersOff, wakeModels } from '../quota/index.ts'
import { accountUnknown } from './failures.ts'
import { modelHealth } from './health.ts'
import { type AccountQuota, PluginQuota } from './schemas.ts'

/** The plug-in asks upstream. */
const TIMEOUT_MS = 20_000

/**
 * What an account has left for each model, the least first; a live call upstream.
 *
 * @throws {AppError} `not_found`, `upstream_error` also where the account itself is refused upstream
 */
export async function readAccountQuotas(ctx: Ctx, cookieId: string): Promise<AccountQuota[]> {
  const path = pluginPath`/api/accounts/${cookieId}/quotas`
  const rows = await callAsPerson(
    ctx,
    { method: 'GET', path, timeoutMs: TIMEOUT_MS },
    z.array(PluginQuota),
    { ...accountUnknown, 500: unreadable },
  )
  const now = ctx.clock.now()
  const awake = await wake(ctx, cookieId, rows)
  const isAnyOff = awake.some(({ status }) => status !== 1)
  const left = isAnyOff ? await ownersOff(ctx, cookieId) : new Set<string>()
  return awake.map((row) => ({
    ...row,
    health: modelHealth(cookieId, row, now, left.has(row.model_name)),
  }))
}

/** What the plug-in switched off by itself, and has quota again, is used again; it is no matter where that fails. */
async function wake(ctx: Ctx, cookieId: string, rows: PluginQuota[]): Promise<PluginQuota[]> {
  try {
    const ask: AskAsOwner = (request, schema) => callAsPerson(ctx, request, schema)
    return await wakeModels(ctx, ask, cookieId, rows)
  } catch (error) {
    ctx.logger.log('warn', 'model_not_woken', { error: errorName(error) })
    return rows
  }
}

/** Quotas, or why there are none. */
export interface QuotasRead {
  quotas: AccountQuota[]
  quotas_error: { code: string; message: string } | null
}

/** The same for somebody who wants to see the account in any case. */
export async function tryAccountQuotas(ctx: Ctx, cookieId: string): Promise<QuotasRead> {
  try {
    return { quotas: await readAccountQuotas(ctx, cookieId), quotas_error: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { quotas: [], quotas_error: { code: error.code, message: error.message } }
  }
}

const unreadable = () =>
  new AppError(
    'upstream_error',
    'What this account has left could not be read: its upstream gave nothing. It may have to be authorized again.',
  )
