/** `cjson.encode` and `cjson.decode`. */

import { formatGeneral } from '../numbers.ts'
import { aux, bytes, type LuaState, lua, text } from './fengari.ts'
import { argumentAt, pushText } from './values.ts'

/** What `cjson.null` points to. */
export const NULL = { cjson: 'null' }

const MAX_DEPTH = 1000
/** Arrays with more holes than this are refused: `excessively sparse`. */
const SPARSE_RATIO = 2
const SPARSE_SAFE = 10

const SHORT_ESCAPES: Record<string, string> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
}

/** Lua: `cjson.encode(value)`. */
export function encodeJson(state: LuaState): number {
  if (lua.lua_gettop(state) !== 1)
    return fail(state, "bad argument #1 to 'encode' (expected 1 argument)")
  pushText(state, encode(state, 0))
  return 1
}

/** Encodes the value on top of the stack and leaves it there. */
function encode(state: LuaState, depth: number): string {
  lua.lua_checkstack(state, 6)
  const type = lua.lua_type(state, -1)
  if (type === lua.LUA_TNIL) return 'null'
  if (type === lua.LUA_TBOOLEAN) return String(lua.lua_toboolean(state, -1))
  if (type === lua.LUA_TSTRING) return quote(text(lua.lua_tolstring(state, -1)!))
  if (type === lua.LUA_TNUMBER) return encodeNumber(state, lua.lua_tonumber(state, -1))
  if (type === lua.LUA_TLIGHTUSERDATA && lua.lua_touserdata(state, -1) === NULL) return 'null'
  if (type !== lua.LUA_TTABLE) return fail(state, 'Cannot serialise value: type not supported')
  if (depth >= MAX_DEPTH) return fail(state, 'Cannot serialise, excessive depth (1001)')
  const length = arrayLength(state)
  return length > 0 ? encodeArray(state, length, depth) : encodeObject(state, depth)
}

function encodeNumber(state: LuaState, value: number): string {
  if (Number.isFinite(value)) return formatGeneral(value, 14)
  return fail(state, 'Cannot serialise number: must not be NaN or Inf')
}

function quote(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON must escape
  const escaped = value.replace(/[\u0000-\u001f"\\/\u007f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0')
    return SHORT_ESCAPES[character] ?? `\\u${code}`
  })
  return `"${escaped}"`
}

/** The highest index if all keys are positive integers, 0 if there are none, -1 if it is an object. */
function arrayLength(state: LuaState): number {
  let highest = 0
  let count = 0
  lua.lua_pushnil(state)
  while (lua.lua_next(state, -2)) {
    lua.lua_pop(state, 1)
    const key = lua.lua_type(state, -1) === lua.LUA_TNUMBER ? lua.lua_tonumber(state, -1) : 0
    if (!Number.isInteger(key) || key < 1) {
      lua.lua_pop(state, 1)
      return -1
    }
    highest = Math.max(highest, key)
    count += 1
  }
  if (highest > count * SPARSE_RATIO && highest > SPARSE_SAFE) {
    return fail(state, 'Cannot serialise table: excessively sparse array')
  }
  return highest
}

function encodeArray(state: LuaState, length: number, depth: number): string {
  const items: string[] = []
  for (let i = 1; i <= length; i += 1) {
    lua.lua_rawgeti(state, -1, i)
    items.push(encode(state, depth + 1))
    lua.lua_pop(state, 1)
  }
  return `[${items.join(',')}]`
}

function encodeObject(state: LuaState, depth: number): string {
  const fields: string[] = []
  lua.lua_pushnil(state)
  while (lua.lua_next(state, -2)) {
    const type = lua.lua_type(state, -2)
    let key: string
    if (type === lua.LUA_TSTRING) key = argumentAt(state, -2)!
    else if (type === lua.LUA_TNUMBER) key = encodeNumber(state, lua.lua_tonumber(state, -2))
    else return fail(state, 'Cannot serialise table: table key must be a number or string')
    fields.push(`${quote(key)}:${encode(state, depth + 1)}`)
    lua.lua_pop(state, 1)
  }
  return `{${fields.join(',')}}`
}

/** Lua: `cjson.decode(text)`. */
export function decodeJson(state: LuaState): number {
  const source = argumentAt(state, 1)
  if (source === undefined) return fail(state, "bad argument #1 to 'decode' (string expected)")
  let value: unknown
  try {
    value = JSON.parse(withoutUnicodeEscapes(source))
  } catch {
    return fail(state, 'Expected value but found invalid token at character 1')
  }
  pushJson(state, value)
  return 1
}

/** Writes `\uXXXX` out as UTF-8: the text is one character per byte, and stays so. */
function withoutUnicodeEscapes(source: string): string {
  return source.replace(/((?:\\u[\da-f]{4})+)|\\[^u]/gi, (match, escapes?: string) => {
    if (!escapes) return match
    const units = escapes.match(/[\da-f]{4}/gi)!.map((hex) => Number.parseInt(hex, 16))
    // Quotes, backslashes and control characters must stay escaped.
    const plain = JSON.stringify(String.fromCharCode(...units)).slice(1, -1)
    return Buffer.from(plain, 'utf8').toString('latin1')
  })
}

function pushJson(state: LuaState, value: unknown): void {
  lua.lua_checkstack(state, 6)
  if (value === null) lua.lua_pushlightuserdata(state, NULL)
  else if (typeof value === 'string') pushText(state, value)
  else if (typeof value === 'number') lua.lua_pushnumber(state, value)
  else if (typeof value === 'boolean') lua.lua_pushboolean(state, value)
  else if (Array.isArray(value)) {
    lua.lua_createtable(state, value.length, 0)
    for (const [i, item] of value.entries()) {
      pushJson(state, item)
      lua.lua_rawseti(state, -2, i + 1)
    }
  } else {
    const fields = Object.entries(value as object)
    lua.lua_createtable(state, 0, fields.length)
    for (const [key, item] of fields) {
      pushText(state, key)
      pushJson(state, item)
      lua.lua_rawset(state, -3)
    }
  }
}

function fail(state: LuaState, message: string): never {
  return aux.luaL_error(state, bytes(message))
}
