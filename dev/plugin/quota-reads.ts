import { callingUser } from './auth.ts'
import type { Exchange } from './exchange.ts'
import { refreshQuota } from './meter.ts'
import type { Plugin } from './plugin.ts'
import { Refusal } from './refusal.ts'
import type { Account, Consumption, ModelQuota } from './state.ts'
import { average, decimal, FULL, iso, localIso } from './units.ts'

/** `GET /api/quotas/user` */
export function listPool(plugin: Plugin, exchange: Exchange): Promise<void> {
  const user = callingUser(exchange)
  const data = [...plugin.store.poolOf(user.user_id).values()]
    .sort((a, b) => b.quota - a.quota)
    .map((row) => ({
      ...row,
      quota: decimal(row.quota),
      max_quota: decimal(row.max_quota),
      last_recovered_at: iso(row.last_recovered_at),
      last_updated_at: iso(row.last_updated_at),
    }))
  return exchange.reply.json(200, { success: true, data })
}

/** `GET /api/quotas/shared-pool` */
export function showSharedPool(plugin: Plugin, exchange: Exchange): Promise<void> {
  const user = callingUser(exchange)
  const accounts = [...plugin.store.accounts.values()].filter(
    (account) => account.is_shared === 1 && account.status === 1,
  )
  for (const account of accounts) refreshOverdue(plugin, account)
  return exchange.reply.json(200, {
    success: true,
    data: {
      quotas: [...byModel(accounts)].map(([model, rows]) => ({
        model_name: model,
        total_quota: decimal(sum(rows.map((row) => row.quota))),
        earliest_reset_time: localIso(Math.min(...rows.map((row) => row.reset_time))),
        available_cookies: String(rows.length),
        status: 1,
        last_fetched_at: iso(Math.max(...rows.map((row) => row.last_fetched_at))),
      })),
      user_consumption: consumptionOf(rowsOf(plugin, user.user_id)),
    },
  })
}

/** `GET /api/quotas/consumption` */
export function listConsumption(plugin: Plugin, exchange: Exchange): Promise<void> {
  const user = callingUser(exchange)
  const query = exchange.url.searchParams
  const from = date(query.get('start_date'))
  const to = date(query.get('end_date'))
  const limit = rowLimit(query.get('limit'))
  const rows = rowsOf(plugin, user.user_id)
    .filter((row) => row.consumed_at >= (from ?? Number.NEGATIVE_INFINITY))
    .filter((row) => row.consumed_at <= (to ?? Number.POSITIVE_INFINITY))
    .reverse()
    .slice(0, limit)
  const data = rows.map((row) => ({
    ...row,
    quota_before: decimal(row.quota_before),
    quota_after: decimal(row.quota_after),
    quota_consumed: decimal(row.quota_consumed),
    consumed_at: iso(row.consumed_at),
  }))
  return exchange.reply.json(200, { success: true, data })
}

/** `GET /api/quotas/consumption/stats/:model_name` */
export function showStats(plugin: Plugin, exchange: Exchange): Promise<void> {
  const user = callingUser(exchange)
  const rows = rowsOf(plugin, user.user_id).filter(
    (row) => row.model_name === exchange.params.model_name,
  )
  const total = sum(rows.map((row) => row.quota_consumed))
  const last = rows.at(-1)
  // Over no rows a count is "0" while every other aggregate is null.
  return exchange.reply.json(200, {
    success: true,
    data: {
      total_requests: String(rows.length),
      total_quota_consumed: last ? decimal(total) : null,
      avg_quota_consumed: last ? average(total, rows.length) : null,
      last_used_at: last ? iso(last.consumed_at) : null,
    },
  })
}

/** `GET /api/quotas/low`: broken in the real service as well. */
export function listLow(): never {
  throw new Refusal(500, 'column "cookie_name" does not exist')
}

/** Refreshes the rows of an account whose reset time has passed. */
function refreshOverdue(plugin: Plugin, account: Account): void {
  for (const row of Object.values(account.quotas)) {
    if (plugin.now() >= row.reset_time) refreshQuota(plugin, account, row.model_name)
  }
}

function byModel(accounts: readonly Account[]): Map<string, ModelQuota[]> {
  const models = new Map<string, ModelQuota[]>()
  for (const account of accounts) {
    for (const row of Object.values(account.quotas)) {
      if (row.status !== 1) continue
      const rows = models.get(row.model_name)
      if (rows) rows.push(row)
      else models.set(row.model_name, [row])
    }
  }
  return models
}

/** The one block whose amounts are numbers. */
function consumptionOf(rows: readonly Consumption[]) {
  const total = (wanted: readonly Consumption[]) =>
    sum(wanted.map((row) => row.quota_consumed)) / FULL
  return {
    total_requests: rows.length,
    total_quota_consumed: total(rows),
    shared_quota_consumed: total(rows.filter((row) => row.is_shared === 1)),
    private_quota_consumed: total(rows.filter((row) => row.is_shared === 0)),
  }
}

function rowsOf(plugin: Plugin, userId: string): Consumption[] {
  return plugin.store.log.filter((row) => row.user_id === userId)
}

function date(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  const at = new Date(text).getTime()
  if (Number.isNaN(at)) {
    throw new Refusal(500, 'invalid input syntax for type timestamp: "0NaN-NaN-NaNTNaN:NaN:NaN"')
  }
  return at
}

function rowLimit(text: string | null): number {
  if (text === null || text === '') return Number.POSITIVE_INFINITY
  const limit = Number.parseInt(text, 10)
  if (Number.isNaN(limit)) throw new Refusal(500, 'invalid input syntax for type bigint: "NaN"')
  if (limit < 0) throw new Refusal(500, 'LIMIT must not be negative')
  return limit
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
