import * as z from 'zod'
import type { Ctx } from '../../../context.ts'
import type { PluginRequest } from '../../../ports/plugin-client.ts'
import { pluginPath } from '../../plugin/index.ts'
import type { QuotaRow } from '../reserve/low-models.ts'
import { ownersOff } from './switch-queries.ts'

/** A call of the plug-in as the owner of an account. */
export type AskAsOwner = <Data>(request: PluginRequest, schema: z.ZodType<Data>) => Promise<Data>

/**
 * Switches the models of an account on again that have quota and that the plug-in switched off by
 * itself when they had none. What their owner leaves out stays so.
 *
 * @param rows what is left of the account, as just read
 * @returns the rows as they are then
 * @throws what `ask` throws
 */
export async function wakeModels<Row extends QuotaRow>(
  { services }: Pick<Ctx, 'services'>,
  ask: AskAsOwner,
  cookieId: string,
  rows: readonly Row[],
): Promise<Row[]> {
  const isAsleep = ({ status, quota }: QuotaRow) => status !== 1 && (quota ?? 0) > 0
  if (!rows.some(isAsleep)) return [...rows]
  const left = await ownersOff(services.db, cookieId)
  const woken = new Set<string>()
  for (const row of rows) {
    const { model_name: model } = row
    if (!isAsleep(row) || left.has(model)) continue
    const path = pluginPath`/api/accounts/${cookieId}/quotas/${model}/status`
    await ask({ method: 'PUT', path, body: { status: 1 } }, z.unknown())
    woken.add(model)
  }
  return rows.map((row) => (woken.has(row.model_name) ? { ...row, status: 1 } : row))
}
