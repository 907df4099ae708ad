import * as z from 'zod'
import { fromUnits } from '../../../platform/units.ts'
import { Amount, Flag, Moment } from '../../plugin/index.ts'

/** What the plug-in says is left of an account, as far as it matters here. */
export const QuotaRow = z.object({
  model_name: z.string(),
  quota: Amount,
  reset_time: Moment,
  status: Flag,
})
export type QuotaRow = z.output<typeof QuotaRow>

/** The model of which the least is left, and when all that are low are back. */
export interface Low {
  model: string
  /** In 1/10,000 of its quota. */
  left: number
  /** Null where the plug-in does not say. */
  until: Date | null
}

/**
 * What of an account is at or below the reserve; null: nothing. A model that is switched off counts
 * only where it is the one that fell: nobody draws from it, so that there is nothing to keep, and one
 * that an account never had stays at nothing for ever.
 *
 * @param reserve in 1/10,000 of a quota; 0: none
 * @param fallen the model for which the account is looked at
 */
export function lowOf(
  rows: readonly QuotaRow[],
  reserve: number,
  fallen: string | null,
): Low | null {
  if (reserve <= 0) return null
  const low = rows
    .filter(({ model_name, status }) => status === 1 || model_name === fallen)
    .flatMap(({ model_name, quota, reset_time }) =>
      quota !== null && fromUnits(quota) <= reserve
        ? [{ model: model_name, left: fromUnits(quota), resetAt: reset_time }]
        : [],
    )
  const [least] = low.toSorted((one, other) => one.left - other.left)
  if (!least) return null
  const resets = low.flatMap(({ resetAt }) => (resetAt ? [Date.parse(resetAt)] : []))
  const { model, left } = low.find((each) => each.model === fallen) ?? least
  return { model, left, until: resets.length > 0 ? new Date(Math.max(...resets)) : null }
}
