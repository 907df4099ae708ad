import { callingUser } from './auth.ts'
import type { Exchange } from './exchange.ts'
import { field, isBit, own } from './json.ts'
import { refreshQuotas } from './meter.ts'
import { isNewer } from './models.ts'
import type { Plugin } from './plugin.ts'
import { creditShared, debitShared } from './pool.ts'
import { Refusal } from './refusal.ts'
import type { Account, ModelQuota } from './state.ts'
import { decimal, iso, localIso } from './units.ts'

const NAME_LIMIT = 100

/** `GET /api/accounts` */
export function listAccounts(plugin: Plugin, exchange: Exchange): Promise<void> {
  const user = callingUser(exchange)
  const data = plugin.store
    .accountsOf(user.user_id)
    .reverse()
    .map((account) => {
      const { created_at, updated_at, ...rest } = shown(account)
      return { ...rest, last_used_at: lastUsed(plugin, account), created_at, updated_at }
    })
  return exchange.reply.json(200, { success: true, data })
}

/** `GET /api/accounts/:cookie_id` */
export function showAccount(plugin: Plugin, exchange: Exchange): Promise<void> {
  return exchange.reply.json(200, { success: true, data: shown(ownAccount(plugin, exchange)) })
}

/** `PUT /api/accounts/:cookie_id/status` */
export function setAccountStatus(plugin: Plugin, exchange: Exchange): Promise<void> {
  const status = field(exchange.body, 'status')
  if (!isBit(status)) throw new Refusal(400, 'status 必须是 0 或 1')
  const account = ownAccount(plugin, exchange)
  if (account.status !== status) {
    account.status = status
    // need_refresh is left alone: an account that has it stays unusable although this succeeds.
    touch(plugin, account)
    if (account.is_shared === 1) {
      if (status === 1) creditShared(plugin, account)
      else debitShared(plugin, account)
    }
  }
  return exchange.reply.json(200, {
    success: true,
    message: '账号状态已更新',
    data: { cookie_id: account.cookie_id, status },
  })
}

/** `PUT /api/accounts/:cookie_id/type` */
export function setAccountType(plugin: Plugin, exchange: Exchange): Promise<void> {
  const isShared = field(exchange.body, 'is_shared')
  if (!isBit(isShared)) throw new Refusal(400, 'is_shared 必须是 0 或 1')
  const account = ownAccount(plugin, exchange)
  if (account.is_shared !== isShared) {
    // A slip in the newer version: lent accounts cannot be taken back there.
    if (isShared === 0 && isNewer(plugin)) throw new Refusal(500, 'accountType is not defined')
    account.is_shared = isShared
    touch(plugin, account)
    if (isShared === 1) creditShared(plugin, account)
    else debitShared(plugin, account)
  }
  return exchange.reply.json(200, {
    success: true,
    message: '账号类型已更新',
    data: { cookie_id: account.cookie_id, is_shared: isShared },
  })
}

/** `PUT /api/accounts/:cookie_id/name` */
export function renameAccount(plugin: Plugin, exchange: Exchange): Promise<void> {
  const name = field(exchange.body, 'name')
  if (typeof name !== 'string' || [...name].length > NAME_LIMIT) {
    throw new Refusal(400, `name 必须是不超过 ${NAME_LIMIT} 个字符的字符串`)
  }
  const account = ownAccount(plugin, exchange)
  account.name = name
  touch(plugin, account)
  return exchange.reply.json(200, {
    success: true,
    message: '账号名称已更新',
    data: { cookie_id: account.cookie_id, name },
  })
}

/** `DELETE /api/accounts/:cookie_id` */
export function deleteAccount(plugin: Plugin, exchange: Exchange): Promise<void> {
  const account = ownAccount(plugin, exchange)
  // A disabled account was already taken out of the pool; deleting takes it out a second time.
  if (account.is_shared === 1) debitShared(plugin, account)
  plugin.store.removeAccount(account.cookie_id)
  return exchange.reply.json(200, { success: true, message: '账号已删除' })
}

/** `GET /api/accounts/:cookie_id/quotas` */
export async function listAccountQuotas(plugin: Plugin, exchange: Exchange): Promise<void> {
  const account = ownAccount(plugin, exchange)
  if (account.token !== 'ok') throw new Refusal(500, '无法从上游获取配额信息')
  await refreshQuotas(plugin, account)
  const data = Object.values(account.quotas)
    .sort((a, b) => a.quota - b.quota)
    .map((row) => shownQuota(account, row))
  return exchange.reply.json(200, { success: true, data })
}

/** `PUT /api/accounts/:cookie_id/quotas/:model_name/status` */
export function setModelStatus(plugin: Plugin, exchange: Exchange): Promise<void> {
  const status = field(exchange.body, 'status')
  if (!isBit(status)) throw new Refusal(400, 'status 必须是 0 或 1')
  const account = ownAccount(plugin, exchange)
  const row = own(account.quotas, exchange.params.model_name ?? '')
  if (!row) throw new Refusal(500, '该账号没有此模型的配额记录')
  row.status = status
  plugin.store.changed()
  return exchange.reply.json(200, {
    success: true,
    message: '模型状态已更新',
    data: { cookie_id: account.cookie_id, model_name: row.model_name, status },
  })
}

/** The account of the path, if the caller may see it. */
export function ownAccount(plugin: Plugin, exchange: Exchange): Account {
  const account = plugin.store.accounts.get(exchange.params.cookie_id ?? '')
  if (!account) throw new Refusal(404, '账号不存在')
  const { caller } = exchange
  if (caller.kind === 'user' && caller.user.user_id !== account.user_id) {
    throw new Refusal(403, '无权操作该账号')
  }
  return account
}

/** Notes that an account changed. */
export function touch(plugin: Plugin, account: Account): void {
  account.updated_at = plugin.now()
  plugin.store.changed()
}

/** When the consumption log last mentions an account. */
export function lastUsed(plugin: Plugin, account: Account): string | null {
  const row = plugin.store.log.findLast((entry) => entry.cookie_id === account.cookie_id)
  return row ? iso(row.consumed_at) : null
}

/** An account as it is answered. */
export function shown(account: Account) {
  return {
    cookie_id: account.cookie_id,
    user_id: account.user_id,
    name: account.name,
    is_shared: account.is_shared,
    status: account.status,
    need_refresh: account.need_refresh,
    expires_at: String(account.expires_at),
    project_id_0: account.project_id_0,
    is_restricted: account.is_restricted,
    paid_tier: account.paid_tier,
    ineligible: account.ineligible,
    created_at: iso(account.created_at),
    updated_at: iso(account.updated_at),
  }
}

function shownQuota(account: Account, row: ModelQuota) {
  return {
    quota_id: row.quota_id,
    cookie_id: account.cookie_id,
    model_name: row.model_name,
    reset_time: localIso(row.reset_time),
    quota: decimal(row.quota),
    status: row.status,
    last_fetched_at: iso(row.last_fetched_at),
    created_at: iso(row.created_at),
  }
}
