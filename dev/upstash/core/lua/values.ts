/** Conversions between Lua values and replies, by the rules of Redis's scripting documentation. */

import { formatGeneral } from '../numbers.ts'
import { RedisError, type Reply, Status } from '../reply.ts'
import { bytes, type LuaState, lua, text } from './fengari.ts'

const MAX_DEPTH = 200

/** Pushes a reply: nil becomes false, a status `{ok=}`, an error `{err=}`. */
export function pushReply(state: LuaState, reply: Reply): void {
  lua.lua_checkstack(state, 4)
  if (reply === null) lua.lua_pushboolean(state, false)
  else if (typeof reply === 'string') pushText(state, reply)
  else if (typeof reply === 'number' || typeof reply === 'bigint') {
    lua.lua_pushnumber(state, Number(reply))
  } else if (reply instanceof Status) pushField(state, 'ok', reply.text)
  else if (reply instanceof RedisError) pushField(state, 'err', reply.message)
  else {
    lua.lua_createtable(state, reply.length, 0)
    for (const [i, item] of reply.entries()) {
      pushReply(state, item)
      lua.lua_rawseti(state, -2, i + 1)
    }
  }
}

export function pushText(state: LuaState, value: string): void {
  lua.lua_pushlstring(state, bytes(value), value.length)
}

/** Pushes a table with this one field. */
export function pushField(state: LuaState, name: string, value: string): void {
  lua.lua_createtable(state, 0, 1)
  pushText(state, value)
  lua.lua_setfield(state, -2, bytes(name))
}

/** A field of the table on top if it is a string, else `undefined`; metatables are not asked. */
export function textField(state: LuaState, name: string): string | undefined {
  pushText(state, name)
  lua.lua_rawget(state, -2)
  const found = lua.lua_type(state, -1) === lua.LUA_TSTRING
  const value = found ? text(lua.lua_tolstring(state, -1)!) : undefined
  lua.lua_pop(state, 1)
  return value
}

/** The value on top as an argument of a command; `undefined` if it is neither string nor number. */
export function argumentAt(state: LuaState, index: number): string | undefined {
  const type = lua.lua_type(state, index)
  if (type === lua.LUA_TNUMBER) return formatGeneral(lua.lua_tonumber(state, index), 17)
  return type === lua.LUA_TSTRING ? text(lua.lua_tolstring(state, index)!) : undefined
}

/** Takes the value on top as a script's result: numbers are cut, nil ends a table. */
export function popReply(state: LuaState, depth = 0): Reply {
  const reply =
    depth > MAX_DEPTH ? new RedisError('ERR reached lua stack limit') : toReply(state, depth)
  lua.lua_pop(state, 1)
  return reply
}

function toReply(state: LuaState, depth: number): Reply {
  lua.lua_checkstack(state, 6)
  switch (lua.lua_type(state, -1)) {
    case lua.LUA_TSTRING:
      return text(lua.lua_tolstring(state, -1)!)
    case lua.LUA_TNUMBER:
      return truncate(lua.lua_tonumber(state, -1))
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(state, -1) ? 1 : null
    case lua.LUA_TTABLE:
      return tableReply(state, depth)
    default:
      return null
  }
}

/** As C casts a double to a 64-bit integer; what does not fit becomes the lowest integer. */
function truncate(value: number): Reply {
  const cut = Math.trunc(value)
  if (Number.isSafeInteger(cut)) return cut + 0
  return Number.isNaN(cut) || Math.abs(cut) >= 2 ** 63 ? -(2n ** 63n) : BigInt(cut)
}

function tableReply(state: LuaState, depth: number): Reply {
  const error = textField(state, 'err')
  if (error !== undefined) return new RedisError(error.replace(/[\r\n]/g, ' '))
  const status = textField(state, 'ok')
  if (status !== undefined) return new Status(status.replace(/[\r\n]/g, ' '))
  const items: Reply[] = []
  for (let i = 1; ; i += 1) {
    if (lua.lua_rawgeti(state, -1, i) === lua.LUA_TNIL) {
      lua.lua_pop(state, 1)
      return items
    }
    items.push(popReply(state, depth + 1))
  }
}
