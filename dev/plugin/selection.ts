import { own } from './json.ts'
import type { Plugin } from './plugin.ts'
import { admits } from './pool.ts'
import { Refusal } from './refusal.ts'
import type { Account, User } from './state.ts'

const REFRESH_BEFORE_MS = 5 * 60_000
const TOKEN_LIFE_MS = 3_600_000

/** The answer when there is no account at all. */
export const NO_ACCOUNT = '没有可用的账号，请先添加一个账号'

/** The answer when there are accounts and none has quota, or the pool is empty. */
export function exhaustedText(model: string): string {
  return `模型 ${model} 的配额已用尽或共享配额不足`
}

/**
 * Chooses the account for a request: the preferred tier if anything in it qualifies, else the
 * other, and inside the tier at random. Undefined when accounts in `excluded` were the only ones.
 */
export function selectAccount(
  plugin: Plugin,
  user: User,
  model: string,
  excluded: ReadonlySet<string>,
): Account | undefined {
  for (;;) {
    const [dedicated, shared] = candidates(plugin, user)
    if (dedicated.length + shared.length === 0) {
      if (excluded.size > 0) return undefined
      throw new Refusal(500, NO_ACCOUNT)
    }
    const tiers = [
      dedicated.filter((account) => hasQuota(account, model)),
      admits(plugin, user.user_id, model)
        ? shared.filter((account) => hasQuota(account, model))
        : [],
    ]
    if (user.prefer_shared === 1) tiers.reverse()
    const usable = tiers.map((tier) => tier.filter((account) => !excluded.has(account.cookie_id)))
    const tier = usable.find((accounts) => accounts.length > 0)
    if (!tier) {
      if (excluded.size > 0) return undefined
      throw new Refusal(500, exhaustedText(model))
    }
    const chosen = tier[Math.floor(Math.random() * tier.length)]
    if (chosen && ensureToken(plugin, chosen)) return chosen
  }
}

/** Switches an account off without touching anybody's pool, as every automatic switch-off does. */
export function disableAccount(plugin: Plugin, account: Account): void {
  account.status = 0
  account.updated_at = plugin.now()
  plugin.store.changed()
}

/** The caller's own oldest usable account, of either type; shared ones of others do not count. */
export function oldestOwn(plugin: Plugin, user: User): Account | undefined {
  return plugin.store
    .accountsOf(user.user_id)
    .find((account) => isUsable(account) && ensureToken(plugin, account))
}

function candidates(plugin: Plugin, user: User): [Account[], Account[]] {
  const dedicated: Account[] = []
  const shared: Account[] = []
  for (const account of plugin.store.accounts.values()) {
    if (!isUsable(account)) continue
    if (account.is_shared === 1) shared.push(account)
    else if (account.is_shared === 0 && account.user_id === user.user_id) dedicated.push(account)
  }
  return [dedicated, shared]
}

function isUsable(account: Account): boolean {
  return account.status === 1 && !account.need_refresh
}

function hasQuota(account: Account, model: string): boolean {
  const row = own(account.quotas, model)
  return row === undefined || (row.status === 1 && row.quota > 0)
}

/** Renews an access token that is about to expire; an account that cannot be renewed is switched off. */
function ensureToken(plugin: Plugin, account: Account): boolean {
  if (account.expires_at - plugin.now() > REFRESH_BEFORE_MS) return true
  if (account.token === 'ok') {
    account.expires_at = plugin.now() + TOKEN_LIFE_MS
    plugin.store.changed()
    return true
  }
  if (account.token === 'broken') account.need_refresh = true
  disableAccount(plugin, account)
  return false
}
