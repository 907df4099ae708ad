import { createHash, randomBytes } from 'node:crypto'
import { catalog } from './catalog.ts'
import { type Grant, type PendingState, STATE_LIFE_SECONDS } from './consents.ts'
import type { Exchange } from './exchange.ts'
import { field } from './json.ts'
import { liveQuota, refreshQuotas } from './meter.ts'
import { isNewer } from './models.ts'
import type { Plugin } from './plugin.ts'
import { creditShared } from './pool.ts'
import { invalidUuid, Refusal } from './refusal.ts'
import { escapeHtml } from './reply.ts'
import type { Account } from './state.ts'
import { iso } from './units.ts'

const TOKEN_LIFE_MS = 3_600_000
/** What the real service begins its word about an account with that may not be used. */
const INELIGIBLE = '此账号没有资格使用Antigravity'

/** `POST /api/oauth/authorize` */
export function authorize(plugin: Plugin, exchange: Exchange): Promise<void> {
  const given = field(exchange.body, 'is_shared')
  const isShared = given === undefined ? 0 : given
  const { caller } = exchange
  const userId = caller.kind === 'admin' ? 'admin' : caller.user.user_id
  const state = plugin.consents.begin(userId, isShared, plugin.now())
  const query = new URLSearchParams({
    response_type: 'code',
    access_type: 'offline',
    prompt: 'consent',
    redirect_uri: plugin.redirectUri,
    state,
  })
  return exchange.reply.json(200, {
    success: true,
    data: {
      auth_url: `${plugin.url}/oauth/consent?${query}`,
      state,
      expires_in: STATE_LIFE_SECONDS,
    },
  })
}

/** `POST /api/oauth/callback/manual` */
export async function manualCallback(plugin: Plugin, exchange: Exchange): Promise<void> {
  const address = field(exchange.body, 'callback_url')
  if (!address) throw new Refusal(400, '缺少 callback_url 参数')
  const url = URL.parse(String(address))
  if (!url) throw new Refusal(400, 'callback_url 不是有效的地址')
  const error = url.searchParams.get('error')
  if (error) throw new Refusal(400, `授权被拒绝: ${error}`)
  const code = url.searchParams.get('code')
  const state = url.searchParams.get('state')
  if (!code || !state) throw new Refusal(400, 'callback_url 缺少 code 或 state 参数')
  const account = await addAccount(plugin, code, state)
  return exchange.reply.json(200, {
    success: true,
    message: '账号添加成功',
    data: {
      cookie_id: account.cookie_id,
      user_id: account.user_id,
      is_shared: account.is_shared,
      project_id_0: account.project_id_0,
      is_restricted: account.is_restricted,
      ineligible: account.ineligible,
      created_at: iso(account.created_at),
    },
  })
}

/** `GET /api/oauth/callback`: for browsers, answers pages only. */
export async function browserCallback(plugin: Plugin, exchange: Exchange): Promise<void> {
  const query = exchange.url.searchParams
  const page = (status: number, title: string, text: string) =>
    exchange.reply.html(
      status,
      `<!DOCTYPE html><html><head><meta charset="utf-8"><title>${title}</title></head>` +
        `<body><h1>${title}</h1><p>${escapeHtml(text)}</p></body></html>`,
    )
  const error = query.get('error')
  if (error) return page(400, '授权失败', error)
  const code = query.get('code')
  const state = query.get('state')
  if (!code || !state) return page(400, '授权失败', '缺少 code 或 state 参数')
  try {
    const account = await addAccount(plugin, code, state)
    return page(200, '授权成功', account.cookie_id)
  } catch (reason) {
    return page(500, '授权失败', reason instanceof Error ? reason.message : String(reason))
  }
}

/** Exchanges a code and stores the account for the user who began the authorization. */
async function addAccount(plugin: Plugin, code: string, state: string): Promise<Account> {
  const pending = plugin.consents.find(state, plugin.now())
  if (!pending) throw new Refusal(500, 'Invalid or expired state parameter')
  const grant = plugin.consents.exchange(code)
  if (isNewer(plugin)) plugin.consents.forget(state)
  // In the older version a failed code exchange leaves the state valid.
  if (!grant) throw new Refusal(500, 'HTTP 400: {"error":"invalid_grant"}')
  plugin.consents.forget(state)
  return storeAccount(plugin, pending, grant)
}

/**
 * Stores an account that its vendor has agreed to, with what is left of it.
 *
 * @param given the refresh token, where the caller has one, and the status of a refusal
 */
export async function storeAccount(
  plugin: Plugin,
  pending: PendingState,
  grant: Grant,
  given: { refreshToken?: string; refusalStatus?: number } = {},
): Promise<Account> {
  const refuse = (text: string) => new Refusal(given.refusalStatus ?? 500, text)
  for (const other of plugin.store.accounts.values()) {
    if (other.email === grant.email) throw refuse(`此邮箱已被添加过: ${grant.email}`)
  }
  const free = grant.paidTier !== true
  if (grant.unknown) throw refuse(`${INELIGIBLE}: UNKNOWN_ERROR`)
  if (free && grant.ineligible) throw refuse(`${INELIGIBLE}: INELIGIBLE_ACCOUNT`)
  if (free && grant.unsupportedLocation) throw refuse(`${INELIGIBLE}: UNSUPPORTED_LOCATION`)

  const account = newAccount(plugin, pending, grant, given.refreshToken)
  const { '*': ofAll, ...ofSome } = grant.quotas
  if (ofAll !== undefined) {
    for (const model of await catalog(plugin)) liveQuota(plugin, account, model).units = ofAll
  }
  for (const [model, units] of Object.entries(ofSome))
    liveQuota(plugin, account, model).units = units
  plugin.store.accounts.set(account.cookie_id, account)
  await refreshQuotas(plugin, account)
  if (pending.isShared === 1) creditShared(plugin, account)
  plugin.store.changed()
  return account
}

function newAccount(
  plugin: Plugin,
  pending: PendingState,
  grant: Grant,
  refreshToken = `1//0${randomBytes(48).toString('base64url')}`,
): Account {
  if (!plugin.store.users.has(pending.userId)) throw invalidUuid(pending.userId)
  const now = plugin.now()
  return {
    cookie_id: createHash('sha256').update(refreshToken).digest('hex').slice(0, 32),
    user_id: pending.userId,
    email: grant.email,
    name: grant.email,
    is_shared: smallint(pending.isShared),
    status: 1,
    need_refresh: false,
    expires_at: now + TOKEN_LIFE_MS,
    project_id_0: grant.unsupportedLocation ? '' : `dev-project-${refreshToken.slice(4, 10)}`,
    is_restricted: grant.unsupportedLocation,
    ineligible: grant.ineligible,
    paid_tier: grant.paidTier,
    created_at: now,
    updated_at: now,
    quotas: {},
    live: {},
    token: 'ok',
  }
}

/** What the column makes of an unvalidated value. */
function smallint(value: unknown): number {
  const text = typeof value === 'string' ? value.trim() : JSON.stringify(value)
  if (!/^-?\d{1,4}$/.test(text)) {
    throw new Refusal(500, `invalid input syntax for type smallint: "${text}"`)
  }
  return Number(text)
}
