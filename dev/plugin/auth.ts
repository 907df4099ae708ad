import type { IncomingMessage } from 'node:http'
import type { Access, Caller, Exchange } from './exchange.ts'
import type { Plugin } from './plugin.ts'
import { invalidUuid, Refusal } from './refusal.ts'
import type { User } from './state.ts'

const MISSING_KEY = '缺少 Authorization 请求头，请使用 Bearer 密钥'
/** Said for unknown keys and for keys of disabled users alike. */
export const INVALID_KEY = 'API 密钥无效或用户已被禁用'

/** Finds out who calls, or refuses with 401 or 403. */
export function authenticate(plugin: Plugin, request: IncomingMessage, access: Access): Caller {
  const header = request.headers.authorization
  if (!header?.startsWith('Bearer ')) throw new Refusal(401, MISSING_KEY)
  const key = header.slice('Bearer '.length)
  if (key === plugin.adminKey) return { kind: 'admin' }
  const user = plugin.store.userByKey(key)
  if (user?.status !== 1) throw new Refusal(401, INVALID_KEY)
  if (access === 'admin') throw new Refusal(403, '需要管理员权限')
  return { kind: 'user', user }
}

/** The calling user. The admin has no rows, and the database says so in its own words. */
export function callingUser(exchange: Exchange): User {
  if (exchange.caller.kind === 'admin') throw invalidUuid('admin')
  return exchange.caller.user
}
