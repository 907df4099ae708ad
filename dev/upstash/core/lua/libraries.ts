/** The native libraries of scripts: `redis`, `cjson` and `bit`. */

import { createHash } from 'node:crypto'
import { RedisError, type Reply } from '../reply.ts'
import { bitLibrary } from './bit.ts'
import { decodeJson, encodeJson, NULL } from './cjson.ts'
import { aux, bytes, type LuaState, lua, text } from './fengari.ts'
import { newerSyntax } from './source.ts'
import { argumentAt, pushField, pushReply, pushText } from './values.ts'

export type Native = (state: LuaState) => number

/** The version that scripts are told. */
const REDIS_VERSION = '7.0.15'
const REDIS_VERSION_NUMBER = 0x0007000f

const CONSTANTS = {
  LOG_DEBUG: 0,
  LOG_VERBOSE: 1,
  LOG_NOTICE: 2,
  LOG_WARNING: 3,
  REPL_NONE: 0,
  REPL_AOF: 1,
  REPL_SLAVE: 2,
  REPL_REPLICA: 2,
  REPL_ALL: 3,
  REDIS_VERSION_NUM: REDIS_VERSION_NUMBER,
}

/** Pushes the table of native things that the prelude is called with. */
export function pushLibraries(state: LuaState, call: (command: string[]) => Reply): void {
  lua.lua_createtable(state, 0, 4)
  pushFunctions(state, redisLibrary(call))
  for (const [name, value] of Object.entries(CONSTANTS)) {
    lua.lua_pushnumber(state, value)
    lua.lua_setfield(state, -2, bytes(name))
  }
  pushText(state, REDIS_VERSION)
  lua.lua_setfield(state, -2, bytes('REDIS_VERSION'))
  lua.lua_setfield(state, -2, bytes('redis'))
  pushFunctions(state, { encode: encodeJson, decode: decodeJson })
  lua.lua_pushlightuserdata(state, NULL)
  lua.lua_setfield(state, -2, bytes('null'))
  lua.lua_setfield(state, -2, bytes('cjson'))
  pushFunctions(state, bitLibrary)
  lua.lua_setfield(state, -2, bytes('bit'))
  lua.lua_pushcfunction(state, wrap)
  lua.lua_setfield(state, -2, bytes('wrap'))
  lua.lua_pushcfunction(state, checkSource)
  lua.lua_setfield(state, -2, bytes('check'))
}

function pushFunctions(state: LuaState, functions: Record<string, Native>): void {
  lua.lua_createtable(state, 0, 16)
  for (const [name, fn] of Object.entries(functions)) {
    lua.lua_pushcfunction(state, fn)
    lua.lua_setfield(state, -2, bytes(name))
  }
}

function redisLibrary(call: (command: string[]) => Reply): Record<string, Native> {
  return {
    call: (state) => {
      const reply = runCommand(state, call)
      pushReply(state, reply)
      return reply instanceof RedisError ? lua.lua_error(state) : 1
    },
    pcall: (state) => {
      pushReply(state, runCommand(state, call))
      return 1
    },
    error_reply: (state) => singleField(state, 'err', errorText),
    status_reply: (state) => singleField(state, 'ok', (message) => message),
    sha1hex: (state) => {
      if (lua.lua_gettop(state) !== 1) return raise(state, 'ERR wrong number of arguments')
      const value = argumentAt(state, 1) ?? ''
      pushText(state, createHash('sha1').update(value, 'latin1').digest('hex'))
      return 1
    },
    log: (state) => {
      if (lua.lua_gettop(state) < 2) {
        return raise(state, 'ERR redis.log() requires two arguments or more.')
      }
      if (lua.lua_type(state, 1) !== lua.LUA_TNUMBER) {
        return raise(state, 'ERR First argument must be a number (log level).')
      }
      const level = lua.lua_tonumber(state, 1)
      if (level < 0 || level > 3) return raise(state, 'ERR Invalid log level.')
      return 0
    },
    replicate_commands: (state) => {
      lua.lua_pushboolean(state, true)
      return 1
    },
    set_repl: () => 0,
  }
}

function runCommand(state: LuaState, call: (command: string[]) => Reply): Reply {
  const count = lua.lua_gettop(state)
  if (!count)
    return new RedisError('ERR Please specify at least one argument for this redis lib call')
  const command: string[] = []
  for (let i = 1; i <= count; i += 1) {
    const argument = argumentAt(state, i)
    if (argument === undefined) {
      return new RedisError('ERR Lua redis lib command arguments must be strings or integers')
    }
    command.push(argument)
  }
  return call(command)
}

/** Raises `{err = message}`. */
export function raise(state: LuaState, message: string): never {
  pushField(state, 'err', message)
  return lua.lua_error(state)
}

function singleField(state: LuaState, field: string, map: (message: string) => string): number {
  if (lua.lua_gettop(state) !== 1 || lua.lua_type(state, 1) !== lua.LUA_TSTRING) {
    pushField(state, 'err', 'ERR wrong number or type of arguments')
  } else {
    pushField(state, field, map(text(lua.lua_tolstring(state, 1)!)))
  }
  return 1
}

/** The first word of an error text is its code, with or without `-`; a single word gets the code ERR. */
function errorText(message: string): string {
  const trimmed = message.replace(/^-/, '').replace(/^[\r\n]+|[\r\n]+$/g, '')
  return trimmed.includes(' ') ? trimmed : `ERR ${trimmed}`
}

/**
 * Makes a Lua function native. A native one leaves its caller's frame in place also in a tail call, so
 * that errors name the line of the script.
 */
function wrap(state: LuaState): number {
  const reference = aux.luaL_ref(state, lua.LUA_REGISTRYINDEX)
  lua.lua_pushcfunction(state, (caller) => {
    const count = lua.lua_gettop(caller)
    lua.lua_rawgeti(caller, lua.LUA_REGISTRYINDEX, reference)
    lua.lua_insert(caller, 1)
    lua.lua_call(caller, count, lua.LUA_MULTRET)
    return lua.lua_gettop(caller)
  })
  return 1
}

/** Holds the source of loadstring to the syntax of Lua 5.1, too. */
function checkSource(state: LuaState): number {
  const source = argumentAt(state, 1)
  const newer = source === undefined ? undefined : newerSyntax(source)
  if (newer) return raise(state, `ERR ${newer}`)
  lua.lua_settop(state, 1)
  return 1
}
