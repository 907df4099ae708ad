import { randomUUID } from 'node:crypto'
import { catalog } from './catalog.ts'
import { own } from './json.ts'
import { familyOf } from './models.ts'
import type { Plugin } from './plugin.ts'
import type { Account, LiveQuota, ModelQuota } from './state.ts'
import { FULL, toUnits } from './units.ts'

const RESET_EVERY_MS = 5 * 60 * 60 * 1_000

/**
 * What the upstream has left for a model of an account, or for all models of its family where these
 * are metered together; full again once its reset time has passed.
 */
export function liveQuota(plugin: Plugin, account: Account, model: string): LiveQuota {
  const now = plugin.now()
  const family = plugin.settings.meterByFamily ? familyOf(model) : model
  let live = own(account.live, family)
  if (!live || now >= live.resetsAt) {
    live = { units: FULL, resetsAt: now + RESET_EVERY_MS }
    account.live[family] = live
    plugin.store.changed()
  }
  return live
}

/** Uses up a part of what the upstream has left, stopping at nothing. */
export function useLive(plugin: Plugin, account: Account, model: string, units: number): void {
  const live = liveQuota(plugin, account, model)
  live.units = Math.max(0, live.units - units)
  plugin.store.changed()
}

/** Copies the upstream's remaining fractions of every model into the stored rows. */
export async function refreshQuotas(plugin: Plugin, account: Account): Promise<void> {
  // A request that was answered is settled even if the list of models cannot be had.
  const models = await catalog(plugin).catch(() => [])
  for (const model of models) refreshQuota(plugin, account, model)
  for (const model of Object.keys(account.quotas)) refreshQuota(plugin, account, model)
}

/** Copies one remaining fraction. A row that reaches zero is switched off and stays so. */
export function refreshQuota(plugin: Plugin, account: Account, model: string): ModelQuota {
  const live = liveQuota(plugin, account, model)
  const told = toldOf(plugin, live.units)
  const now = plugin.now()
  let row = own(account.quotas, model)
  if (!row) {
    row = {
      quota_id: randomUUID(),
      model_name: model,
      quota: told,
      reset_time: live.resetsAt,
      status: 1,
      last_fetched_at: now,
      created_at: now,
    }
    account.quotas[model] = row
  }
  row.quota = told
  row.reset_time = live.resetsAt
  row.last_fetched_at = now
  if (row.quota <= 0) row.status = 0
  plugin.store.changed()
  return row
}

/** What the upstream says of what it has left: in steps where so set, and zero only at the end. */
function toldOf(plugin: Plugin, units: number): number {
  const step = toUnits(plugin.settings.meterStep)
  return step > 0 ? Math.min(FULL, Math.ceil(units / step) * step) : units
}
