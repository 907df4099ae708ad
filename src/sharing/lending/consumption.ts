import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { fromUnits, toUnits } from '../../platform/units.ts'
import { callAsPerson, pluginPath } from '../plugin/index.ts'
import {
  Consumption,
  type ConsumptionQuery,
  ConsumptionStats,
  type OwnConsumption,
} from './quota-schemas.ts'

/** Reading more of them would take a Worker longer than the plug-in takes to sum them up. */
const MAX_SUMMED = 1_000

const Summed = z.array(Consumption.pick({ quota_consumed: true, is_shared: true }))
type Summed = z.output<typeof Summed>

/** What the person's requests have used, the newest first. */
export function readConsumption(ctx: Ctx, query: ConsumptionQuery): Promise<Consumption[]> {
  const parameters = new URLSearchParams({ limit: String(query.limit) })
  if (query.start_date) parameters.set('start_date', query.start_date)
  if (query.end_date) parameters.set('end_date', query.end_date)
  const path = `/api/quotas/consumption?${parameters}`
  return callAsPerson(ctx, { method: 'GET', path }, z.array(Consumption))
}

/** The same for one model, summed up by the plug-in. */
export function readConsumptionStats(
  ctx: Ctx,
  model: string,
): Promise<z.output<typeof ConsumptionStats>> {
  const path = pluginPath`/api/quotas/consumption/stats/${model}`
  return callAsPerson(ctx, { method: 'GET', path }, ConsumptionStats)
}

/** The sum of all of it; null where that is too much to fetch. */
export async function consumptionTotals(ctx: Ctx): Promise<OwnConsumption | null> {
  const path = `/api/quotas/consumption?limit=${MAX_SUMMED}`
  const rows = await callAsPerson(ctx, { method: 'GET', path }, Summed)
  if (rows.length >= MAX_SUMMED) return null
  const sum = (isCounted: (row: Summed[number]) => boolean) =>
    toUnits(
      rows.filter(isCounted).reduce((total, row) => total + fromUnits(row.quota_consumed ?? 0), 0),
    )
  return {
    total_requests: rows.length,
    total_quota_consumed: sum(() => true),
    shared_quota_consumed: sum((row) => row.is_shared === 1),
    private_quota_consumed: sum((row) => row.is_shared === 0),
  }
}
