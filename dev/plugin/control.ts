import type { Exchange } from './exchange.ts'
import { isRecord, type JsonObject, text } from './json.ts'
import { liveQuota, refreshQuota } from './meter.ts'
import type { Plugin } from './plugin.ts'
import { recoverPools } from './pool.ts'
import { Refusal } from './refusal.ts'
import { changeSettings, defaultSettings } from './settings.ts'
import type { Account, TokenHealth } from './state.ts'
import { toUnits } from './units.ts'

const TOKEN_HEALTHS: readonly TokenHealth[] = ['ok', 'invalid_grant', 'broken']

/** `POST /__control/arm` */
export function armFailure(plugin: Plugin, exchange: Exchange): Promise<void> {
  return exchange.reply.json(200, { armed: plugin.faults.arm(exchange.body) })
}

/** `GET /__control/armed` */
export function listArmed(plugin: Plugin, exchange: Exchange): Promise<void> {
  return exchange.reply.json(200, { armed: plugin.faults.list() })
}

/** `POST /__control/reset-armed` */
export function resetArmed(plugin: Plugin, exchange: Exchange): Promise<void> {
  plugin.faults.reset()
  return exchange.reply.json(200, { armed: [] })
}

/** `GET /__control/requests?after=<seq>` */
export function listRequests(plugin: Plugin, exchange: Exchange): Promise<void> {
  const after = Number(exchange.url.searchParams.get('after') ?? 0)
  return exchange.reply.json(200, {
    latest: plugin.requests.latest,
    requests: plugin.requests.after(Number.isNaN(after) ? 0 : after),
  })
}

/** `GET /__control/config` */
export function showConfig(plugin: Plugin, exchange: Exchange): Promise<void> {
  return exchange.reply.json(200, plugin.settings)
}

/** `POST /__control/config` */
export function changeConfig(plugin: Plugin, exchange: Exchange): Promise<void> {
  changeSettings(plugin.settings, exchange.body)
  return exchange.reply.json(200, plugin.settings)
}

/** `POST /__control/reset-config` */
export function resetConfig(plugin: Plugin, exchange: Exchange): Promise<void> {
  Object.assign(plugin.settings, defaultSettings())
  return exchange.reply.json(200, plugin.settings)
}

/** `GET /__control/state` */
export function showState(plugin: Plugin, exchange: Exchange): Promise<void> {
  const { store } = plugin
  const accounts = [...store.accounts.values()]
  return exchange.reply.json(200, {
    users: store.users.size,
    accounts: accounts.length,
    sharedAccounts: accounts.filter((account) => account.is_shared === 1).length,
    enabledAccounts: accounts.filter((account) => account.status === 1).length,
    consumptionRows: store.log.length,
    armed: plugin.faults.list().length,
    requests: plugin.requests.latest,
  })
}

/** `POST /__control/recover`: the hourly job. */
export function recover(plugin: Plugin, exchange: Exchange): Promise<void> {
  return exchange.reply.json(200, { changedRows: recoverPools(plugin) })
}

/** `POST /__control/pool`: sets every row of a user's pool to `quota`, as parallel calls may leave it. */
export function setPool(plugin: Plugin, exchange: Exchange): Promise<void> {
  const { user_id, quota } = record(exchange.body)
  if (typeof quota !== 'number') throw new Refusal(400, 'quota is a number')
  const rows = [...plugin.store.poolOf(text(user_id) ?? '').values()]
  for (const row of rows) row.quota = toUnits(quota)
  plugin.store.changed()
  return exchange.reply.json(200, { changedRows: rows.length })
}

/** `POST /__control/hurry`: every pause that is under way ends now. */
export function hurry(plugin: Plugin, exchange: Exchange): Promise<void> {
  plugin.pacer.hurry()
  return exchange.reply.json(200, {})
}

/** `POST /__control/take-back`: every account that is lent serves its owner alone from now on. */
export function takeBack(plugin: Plugin, exchange: Exchange): Promise<void> {
  const lent = [...plugin.store.accounts.values()].filter((account) => account.is_shared === 1)
  for (const account of lent) account.is_shared = 0
  plugin.store.changed()
  return exchange.reply.json(200, { changedAccounts: lent.length })
}

/**
 * `POST /__control/account`: changes what the upstream thinks of an account. Takes `cookie_id` and
 * any of `live` (model → remaining fraction), `stored` (model → stored fraction, or null to forget
 * the row), `token` (`ok`, `invalid_grant`, `broken`; anything but `ok` also lets the access token
 * expire), `resetNow` (the quotas' reset time passes).
 */
export function changeAccount(plugin: Plugin, exchange: Exchange): Promise<void> {
  const change = isRecord(exchange.body) ? exchange.body : {}
  const account = plugin.store.accounts.get(text(change.cookie_id) ?? '')
  if (!account) throw new Refusal(404, 'unknown cookie_id')
  if (change.live !== undefined) setLive(plugin, account, change.live)
  if (change.stored !== undefined) setStored(plugin, account, change.stored)
  if (change.token !== undefined) setToken(account, change.token)
  if (change.resetNow === true) passReset(plugin, account)
  plugin.store.changed()
  return exchange.reply.json(200, account)
}

function setLive(plugin: Plugin, account: Account, change: unknown): void {
  for (const [model, fraction] of Object.entries(record(change))) {
    if (typeof fraction !== 'number') throw new Refusal(400, 'live takes fractions')
    liveQuota(plugin, account, model).units = toUnits(fraction)
  }
}

function setStored(plugin: Plugin, account: Account, change: unknown): void {
  for (const [model, fraction] of Object.entries(record(change))) {
    if (fraction === null) {
      delete account.quotas[model]
      continue
    }
    if (typeof fraction !== 'number') throw new Refusal(400, 'stored takes fractions or null')
    const row = refreshQuota(plugin, account, model)
    row.quota = toUnits(fraction)
  }
}

function setToken(account: Account, health: unknown): void {
  const known = TOKEN_HEALTHS.find((name) => name === health)
  if (!known) throw new Refusal(400, `token is one of ${TOKEN_HEALTHS.join(', ')}`)
  account.token = known
  if (known !== 'ok') account.expires_at = 0
}

function passReset(plugin: Plugin, account: Account): void {
  const past = plugin.now() - 1
  for (const live of Object.values(account.live)) live.resetsAt = past
  for (const row of Object.values(account.quotas)) row.reset_time = past
}

function record(value: unknown): JsonObject {
  if (!isRecord(value)) throw new Refusal(400, 'a JSON object by model is expected')
  return value
}
