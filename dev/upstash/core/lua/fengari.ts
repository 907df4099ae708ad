/**
 * Loads fengari, a Lua 5.3 in JavaScript, and makes its numbers those of Lua 5.1.
 *
 * fengari has 32-bit integers beside floats: a timestamp in ms would wrap around. Redis's Lua knows
 * doubles only, so here every number counts as a float, and prints as C's `%.14g` does.
 */

import { createRequire } from 'node:module'
import { formatGeneral } from '../numbers.ts'

/** fengari's state, which nobody but fengari looks into. */
export interface LuaState {
  readonly luaState: unique symbol
}

type LuaFunction = (state: LuaState) => number

export interface Lua {
  LUA_MULTRET: number
  LUA_OK: number
  LUA_REGISTRYINDEX: number
  LUA_MASKCOUNT: number
  LUA_TNIL: number
  LUA_TBOOLEAN: number
  LUA_TLIGHTUSERDATA: number
  LUA_TNUMBER: number
  LUA_TSTRING: number
  LUA_TTABLE: number
  lua_absindex(state: LuaState, index: number): number
  lua_call(state: LuaState, args: number, results: number): void
  lua_checkstack(state: LuaState, slots: number): boolean
  lua_createtable(state: LuaState, items: number, fields: number): void
  lua_error(state: LuaState): never
  lua_Debug: new () => { currentline: number; what: Uint8Array | null; source: Uint8Array | null }
  lua_getfield(state: LuaState, index: number, name: Uint8Array): number
  lua_getinfo(state: LuaState, what: Uint8Array, debug: unknown): number
  lua_getstack(state: LuaState, level: number, debug: unknown): number
  lua_gettop(state: LuaState): number
  lua_insert(state: LuaState, index: number): void
  lua_load(
    state: LuaState,
    reader: () => Uint8Array | null,
    data: unknown,
    name: Uint8Array,
    mode: Uint8Array,
  ): number
  lua_next(state: LuaState, index: number): number
  lua_pcall(state: LuaState, args: number, results: number, handler: number): number
  lua_pop(state: LuaState, count: number): void
  lua_pushboolean(state: LuaState, value: boolean): void
  lua_pushcfunction(state: LuaState, fn: LuaFunction): void
  lua_pushlightuserdata(state: LuaState, value: unknown): void
  lua_pushlstring(state: LuaState, text: Uint8Array, length: number): void
  lua_pushnil(state: LuaState): void
  lua_pushnumber(state: LuaState, value: number): void
  lua_pushvalue(state: LuaState, index: number): void
  lua_rawget(state: LuaState, index: number): number
  lua_rawgeti(state: LuaState, index: number, n: number): number
  lua_rawset(state: LuaState, index: number): void
  lua_rawseti(state: LuaState, index: number, n: number): void
  lua_setfield(state: LuaState, index: number, name: Uint8Array): void
  lua_sethook(state: LuaState, hook: LuaFunction | null, mask: number, count: number): void
  lua_settop(state: LuaState, index: number): void
  lua_setupvalue(state: LuaState, index: number, n: number): unknown
  lua_toboolean(state: LuaState, index: number): boolean
  lua_tonumber(state: LuaState, index: number): number
  lua_tolstring(state: LuaState, index: number): Uint8Array | null
  lua_touserdata(state: LuaState, index: number): unknown
  lua_type(state: LuaState, index: number): number
}

export interface LuaAux {
  luaL_error(state: LuaState, text: Uint8Array): never
  luaL_newstate(): LuaState
  luaL_ref(state: LuaState, table: number): number
  luaL_requiref(state: LuaState, name: Uint8Array, open: LuaFunction, global: number): void
  luaL_unref(state: LuaState, table: number, reference: number): void
}

interface Libraries {
  luaopen_base: LuaFunction
  luaopen_math: LuaFunction
  luaopen_string: LuaFunction
  luaopen_table: LuaFunction
}

interface NumberValue {
  type: number
  setivalue(value: number): void
  setfltvalue(value: number): void
  ttisfloat(): boolean
  ttisinteger(): boolean
}

const load = createRequire(import.meta.url)

// First of all: defs.js and luaconf.js need each other, and only this order works.
const { constant_types: types } = load('fengari/src/defs.js') as {
  constant_types: { LUA_TNUMFLT: number; LUA_TNUMINT: number }
}
const numberFormat = load('fengari/src/luaconf.js') as {
  LUA_COMPAT_FLOATSTRING: boolean
  lua_number2str(value: number): string
}
// Before the modules that read these two are loaded.
numberFormat.LUA_COMPAT_FLOATSTRING = true
numberFormat.lua_number2str = (value) => formatGeneral(value, 14)

const fengari = load('fengari') as { lua: Lua; lauxlib: LuaAux; lualib: Libraries }
const { TValue } = load('fengari/src/lobject.js') as { TValue: { prototype: NumberValue } }

TValue.prototype.ttisinteger = () => false
TValue.prototype.ttisfloat = function (this: NumberValue) {
  return this.type === types.LUA_TNUMFLT || this.type === types.LUA_TNUMINT
}
TValue.prototype.setivalue = TValue.prototype.setfltvalue

export const lua = fengari.lua
export const aux = fengari.lauxlib
export const libraries = fengari.lualib

/** Binary (latin1) text as fengari wants it. */
export function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

/** Bytes of fengari as binary (latin1) text. */
export function text(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')
}
