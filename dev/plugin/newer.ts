import { createHash } from 'node:crypto'
import { lastUsed, ownAccount, shown, touch } from './accounts.ts'
import { callingUser } from './auth.ts'
import type { Exchange } from './exchange.ts'
import { field, isBit, isRecord, text } from './json.ts'
import { storeAccount } from './oauth.ts'
import type { Plugin } from './plugin.ts'
import { Refusal } from './refusal.ts'
import type { Account } from './state.ts'
import { FULL, iso } from './units.ts'

const DEAD_TOKEN = 'refresh_token无效或已失效，请重新授权后再导入'

/** What only the newer version answers; to the older one these paths are unknown. */

/**
 * `POST /api/accounts/import`: brings an account by its refresh token. Any token is taken except
 * one that holds `revoked`; the same token is the same account.
 */
export async function importAccount(plugin: Plugin, exchange: Exchange): Promise<void> {
  const token = field(exchange.body, 'refresh_token')
  const given = field(exchange.body, 'is_shared')
  const isShared = given === undefined ? 0 : given
  if (typeof token !== 'string' || token.trim() === '') {
    throw new Refusal(400, '缺少refresh_token参数')
  }
  if (!isBit(isShared)) throw new Refusal(400, 'is_shared必须是0或1')
  const user = callingUser(exchange)
  if (token.includes('revoked')) throw new Refusal(400, DEAD_TOKEN)
  const digest = createHash('sha256').update(token).digest('hex')
  const account = await storeAccount(
    plugin,
    { userId: user.user_id, isShared, expiresAt: 0 },
    {
      email: `imported-${digest.slice(0, 12)}@example.test`,
      paidTier: false,
      quotas: { '*': FULL },
      ineligible: false,
      unsupportedLocation: false,
    },
    { refreshToken: token, refusalStatus: 400 },
  )
  const { cookie_id, user_id, is_shared, name, email, project_id_0 } = account
  const { is_restricted, paid_tier, ineligible, created_at } = account
  return exchange.reply.json(200, {
    success: true,
    message: '账号导入成功',
    data: {
      cookie_id,
      user_id,
      is_shared,
      name,
      email,
      project_id_0,
      is_restricted,
      paid_tier,
      ineligible,
      created_at: iso(created_at),
    },
  })
}

/** `POST /api/accounts/:cookie_id/refresh`: a new access token and project. */
export function refreshAccount(plugin: Plugin, exchange: Exchange): Promise<void> {
  const account = ownAccount(plugin, exchange)
  if (account.token !== 'ok') {
    account.need_refresh = true
    account.status = 0
    touch(plugin, account)
    throw new Refusal(400, DEAD_TOKEN)
  }
  account.expires_at = plugin.now() + 3_600_000
  touch(plugin, account)
  return exchange.reply.json(200, { success: true, message: '刷新成功', data: shown(account) })
}

/** `GET /api/accounts/:cookie_id/projects` */
export function listProjects(plugin: Plugin, exchange: Exchange): Promise<void> {
  const account = ownAccount(plugin, exchange)
  const offered = projectOf(account)
  const projects = [{ project_id: offered, name: 'cloudaicompanionProject' }]
  if (account.project_id_0 !== '' && account.project_id_0 !== offered) {
    projects.push({ project_id: account.project_id_0, name: 'current' })
  }
  return exchange.reply.json(200, {
    success: true,
    data: {
      cookie_id: account.cookie_id,
      current_project_id: account.project_id_0,
      default_project_id: offered,
      projects,
    },
  })
}

/** `PUT /api/accounts/:cookie_id/project-id` */
export function setProject(plugin: Plugin, exchange: Exchange): Promise<void> {
  const given = isRecord(exchange.body) ? text(exchange.body.project_id)?.trim() : undefined
  if (!given) throw new Refusal(400, 'project_id不能为空')
  const account = ownAccount(plugin, exchange)
  account.project_id_0 = given
  touch(plugin, account)
  const { created_at, updated_at, ...rest } = shown(account)
  return exchange.reply.json(200, {
    success: true,
    message: 'Project ID已更新',
    data: { ...rest, last_used_at: lastUsed(plugin, account), created_at, updated_at },
  })
}

/** `GET /api/accounts/:cookie_id/detail` */
export function showDetail(plugin: Plugin, exchange: Exchange): Promise<void> {
  const account = ownAccount(plugin, exchange)
  return exchange.reply.json(200, {
    success: true,
    data: {
      cookie_id: account.cookie_id,
      name: account.name,
      email: account.email,
      created_at: iso(account.created_at),
      paid_tier: account.paid_tier ?? false,
      subscription_tier: account.paid_tier ? 'PRO' : 'FREE',
      subscription_tier_raw: account.paid_tier ? 'g1-pro-tier' : 'free-tier',
    },
  })
}

function projectOf(account: Account): string {
  return `dev-project-${account.cookie_id.slice(0, 6)}`
}
