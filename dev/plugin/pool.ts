import { randomUUID } from 'node:crypto'
import { groupOf } from './models.ts'
import type { Plugin } from './plugin.ts'
import type { Account, PoolRow } from './state.ts'
import { FULL } from './units.ts'

/** What an enabled shared account adds to its owner's pool per hour. */
const HOURLY_FREE = 120
const HOURLY_PAID = 4_000

/** Credits the owner's pool with a shared account: twice its stored quota, and room for 2 more. */
export function creditShared(plugin: Plugin, account: Account): void {
  for (const stored of Object.values(account.quotas)) {
    const row = poolRow(plugin, account.user_id, stored.model_name)
    row.max_quota += 2 * FULL
    row.quota = Math.min(row.quota + 2 * stored.quota, row.max_quota)
    row.last_updated_at = plugin.now()
  }
  plugin.store.changed()
}

/**
 * Takes a shared account out of its owner's pool. Both amounts stop at zero, which is why
 * disabling and enabling an account pays off a negative pool.
 */
export function debitShared(plugin: Plugin, account: Account): void {
  const rows = plugin.store.poolOf(account.user_id)
  for (const stored of Object.values(account.quotas)) {
    const row = rows.get(stored.model_name)
    if (!row) continue
    row.max_quota = Math.max(0, row.max_quota - 2 * FULL)
    row.quota = Math.max(0, row.quota - 2 * stored.quota)
    row.last_updated_at = plugin.now()
  }
  plugin.store.changed()
}

/** Debits a use of a shared account from every row of the model's group; may go below zero. */
export function debitUse(plugin: Plugin, userId: string, model: string, amount: number): void {
  const rows = plugin.store.poolOf(userId)
  for (const name of groupOf(plugin, model)) {
    const row = rows.get(name)
    if (!row) continue
    row.quota -= amount
    row.last_updated_at = plugin.now()
  }
  plugin.store.changed()
}

/** Whether the user's pool lets one more request through. */
export function admits(plugin: Plugin, userId: string, model: string): boolean {
  const rows = plugin.store.poolOf(userId)
  return groupOf(plugin, model).some((name) => (rows.get(name)?.quota ?? 0) > 0)
}

/**
 * The hourly job: credits every row that is below its maximum and returns how many rows changed.
 * Running it twice credits twice, as in the real service.
 */
export function recoverPools(plugin: Plugin): number {
  const now = plugin.now()
  let changed = 0
  for (const [userId, rows] of plugin.store.pools) {
    const credit = hourlyCredit(plugin.store.accountsOf(userId))
    for (const row of rows.values()) {
      if (credit === 0 || row.quota >= row.max_quota) continue
      row.quota = Math.min(row.quota + credit, row.max_quota)
      row.last_recovered_at = now
      row.last_updated_at = now
      changed += 1
    }
  }
  plugin.store.changed()
  return changed
}

function hourlyCredit(accounts: readonly Account[]): number {
  let credit = 0
  for (const account of accounts) {
    if (account.is_shared !== 1 || account.status !== 1 || account.paid_tier === null) continue
    credit += account.paid_tier ? HOURLY_PAID : HOURLY_FREE
  }
  return credit
}

function poolRow(plugin: Plugin, userId: string, model: string): PoolRow {
  const rows = plugin.store.poolOf(userId)
  let row = rows.get(model)
  if (!row) {
    const now = plugin.now()
    row = {
      pool_id: randomUUID(),
      user_id: userId,
      model_name: model,
      quota: 0,
      max_quota: 0,
      last_recovered_at: now,
      last_updated_at: now,
    }
    rows.set(model, row)
  }
  return row
}
