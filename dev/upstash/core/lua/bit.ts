/** The `bit` library of scripts: operations on signed 32-bit numbers. */

import { type LuaState, lua } from './fengari.ts'
import { pushText } from './values.ts'

/** Any number as 32 bits, as JavaScript's own operators make them. */
function bitsAt(state: LuaState, index: number): number {
  return lua.lua_tonumber(state, index) | 0
}

function fold(combine: (a: number, b: number) => number) {
  return (state: LuaState): number => {
    let result = bitsAt(state, 1)
    for (let i = 2; i <= lua.lua_gettop(state); i += 1) result = combine(result, bitsAt(state, i))
    lua.lua_pushnumber(state, result)
    return 1
  }
}

function shift(move: (value: number, by: number) => number) {
  return (state: LuaState): number => {
    lua.lua_pushnumber(state, move(bitsAt(state, 1), bitsAt(state, 2) & 31) | 0)
    return 1
  }
}

export const bitLibrary = {
  band: fold((a, b) => a & b),
  bor: fold((a, b) => a | b),
  bxor: fold((a, b) => a ^ b),
  tobit: fold((a) => a),
  bnot: (state: LuaState) => {
    lua.lua_pushnumber(state, ~bitsAt(state, 1))
    return 1
  },
  lshift: shift((value, by) => value << by),
  rshift: shift((value, by) => value >>> by),
  arshift: shift((value, by) => value >> by),
  rol: shift((value, by) => (value << by) | (value >>> ((32 - by) & 31))),
  ror: shift((value, by) => (value >>> by) | (value << ((32 - by) & 31))),
  bswap: shift(
    (value) =>
      (value >>> 24) | ((value >>> 8) & 0xff00) | ((value << 8) & 0xff0000) | (value << 24),
  ),
  tohex: (state: LuaState) => {
    const wanted = lua.lua_gettop(state) > 1 ? bitsAt(state, 2) : 8
    const digits = Math.min(8, Math.abs(wanted))
    const hex = (bitsAt(state, 1) >>> 0)
      .toString(16)
      .padStart(8, '0')
      .slice(8 - digits)
    pushText(state, wanted < 0 ? hex.toUpperCase() : hex)
    return 1
  },
}
