import { randomBytes, randomUUID } from 'node:crypto'
import type { Exchange } from './exchange.ts'
import { field, isBit } from './json.ts'
import type { Plugin } from './plugin.ts'
import { invalidUuid, Refusal } from './refusal.ts'
import type { User } from './state.ts'
import { iso } from './units.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const NAME_LIMIT = 100

/** `POST /api/users` */
export function createUser(plugin: Plugin, exchange: Exchange): Promise<void> {
  const given = field(exchange.body, 'name')
  const name = given === undefined || given === null ? null : String(given)
  if (name !== null && [...name].length > NAME_LIMIT) {
    throw new Refusal(500, `value too long for type character varying(${NAME_LIMIT})`)
  }
  const now = plugin.now()
  const user: User = {
    user_id: randomUUID(),
    api_key: newKey(),
    name,
    prefer_shared: 0,
    status: 1,
    created_at: now,
    updated_at: now,
  }
  plugin.store.saveUser(user)
  return exchange.reply.json(200, {
    success: true,
    message: '用户创建成功',
    data: { user_id: user.user_id, api_key: user.api_key, name, created_at: iso(now) },
  })
}

/** `GET /api/users` */
export function listUsers(plugin: Plugin, exchange: Exchange): Promise<void> {
  const data = [...plugin.store.users.values()].reverse().map((user) => ({
    user_id: user.user_id,
    name: user.name,
    status: user.status,
    created_at: iso(user.created_at),
    updated_at: iso(user.updated_at),
  }))
  return exchange.reply.json(200, { success: true, data })
}

/** `POST /api/users/:user_id/regenerate-key` */
export function regenerateKey(plugin: Plugin, exchange: Exchange): Promise<void> {
  const user = namedUser(plugin, exchange)
  const former = user.api_key
  user.api_key = newKey()
  user.updated_at = plugin.now()
  plugin.store.saveUser(user, former)
  return exchange.reply.json(200, {
    success: true,
    message: '密钥已重新生成',
    data: { user_id: user.user_id, api_key: user.api_key },
  })
}

/** `PUT /api/users/:user_id/status` */
export function setUserStatus(plugin: Plugin, exchange: Exchange): Promise<void> {
  const status = field(exchange.body, 'status')
  if (!isBit(status)) throw new Refusal(400, 'status 必须是 0 或 1')
  const user = namedUser(plugin, exchange)
  user.status = status
  user.updated_at = plugin.now()
  plugin.store.changed()
  return exchange.reply.json(200, {
    success: true,
    message: status === 1 ? '用户已启用' : '用户已禁用',
    data: { user_id: user.user_id, status },
  })
}

/** `DELETE /api/users/:user_id` */
export function deleteUser(plugin: Plugin, exchange: Exchange): Promise<void> {
  const id = uuidParam(exchange)
  const user = plugin.store.users.get(id)
  if (!user) throw new Refusal(404, '用户不存在')
  plugin.store.removeUser(user)
  return exchange.reply.json(200, { success: true, message: '用户已删除' })
}

/** `PUT /api/users/:user_id/preference` */
export function setPreference(plugin: Plugin, exchange: Exchange): Promise<void> {
  const preference = field(exchange.body, 'prefer_shared')
  const { caller } = exchange
  if (caller.kind === 'user' && caller.user.user_id !== exchange.params.user_id) {
    throw new Refusal(403, '只能修改自己的偏好')
  }
  if (!isBit(preference)) throw new Refusal(400, 'prefer_shared 必须是 0 或 1')
  const user = namedUser(plugin, exchange)
  user.prefer_shared = preference
  user.updated_at = plugin.now()
  plugin.store.changed()
  return exchange.reply.json(200, {
    success: true,
    message: '偏好已更新',
    data: { user_id: user.user_id, prefer_shared: preference },
  })
}

/** `GET /api/user/me` */
export function showCaller(_plugin: Plugin, exchange: Exchange): Promise<void> {
  const { caller } = exchange
  if (caller.kind === 'admin') {
    return exchange.reply.json(200, { success: true, data: { user_id: 'admin' } })
  }
  const { user } = caller
  return exchange.reply.json(200, {
    success: true,
    data: {
      user_id: user.user_id,
      name: user.name,
      prefer_shared: user.prefer_shared,
      status: user.status,
      created_at: iso(user.created_at),
      updated_at: iso(user.updated_at),
    },
  })
}

function namedUser(plugin: Plugin, exchange: Exchange): User {
  const user = plugin.store.users.get(uuidParam(exchange))
  if (!user) throw new Refusal(500, '用户不存在')
  return user
}

function uuidParam(exchange: Exchange): string {
  const id = exchange.params.user_id ?? ''
  if (!UUID.test(id)) throw invalidUuid(id)
  return id.toLowerCase()
}

/** `sk-` and base-62 characters; as in the real service the length is not quite constant. */
function newKey(): string {
  const letters = randomBytes(36).toString('base64').replaceAll(/[+/=]/g, '')
  return `sk-${letters.padEnd(47, '0')}`
}
