/** Runs Lua scripts, each compiled once, in one Lua state. */

import { createHash } from 'node:crypto'
import type { Resolved, Unresolved } from '../command.ts'
import { RedisError, type Reply } from '../reply.ts'
import { aux, bytes, type LuaState, libraries, lua, text } from './fengari.ts'
import { pushLibraries } from './libraries.ts'
import { PRELUDE } from './prelude.ts'
import { newerSyntax, readShebang } from './source.ts'
import { popReply, pushText, textField } from './values.ts'

/** About a second of work. */
const MAX_INSTRUCTIONS = 10_000_000
const HOOK_INTERVAL = 10_000

export interface Script {
  sha: string
  flags: Set<string>
  /** Where the registry of Lua keeps the compiled function. */
  reference: number
}

export interface EngineOptions {
  strictKeys: boolean
  resolve(command: string[]): Resolved | Unresolved
  keysOf(found: Resolved): string[]
  run(found: Resolved, command: string[]): Reply
}

export class ScriptEngine {
  readonly #options: EngineOptions
  readonly #state: LuaState
  readonly #environment: number
  readonly #globals: number
  readonly #scripts = new Map<string, Script>()
  #running: { script: Script; keys: Set<string>; readOnly: boolean } | undefined
  #instructions = 0

  constructor(options: EngineOptions) {
    this.#options = options
    const state = aux.luaL_newstate()
    this.#state = state
    for (const [name, open] of [
      ['_G', libraries.luaopen_base],
      ['string', libraries.luaopen_string],
      ['table', libraries.luaopen_table],
      ['math', libraries.luaopen_math],
    ] as const) {
      aux.luaL_requiref(state, bytes(name), open, 1)
      lua.lua_pop(state, 1)
    }
    this.#compile(PRELUDE, '=prelude')
    pushLibraries(state, (command) => this.#call(command))
    if (lua.lua_pcall(state, 1, 2, 0) !== lua.LUA_OK) {
      throw new Error(text(lua.lua_tolstring(state, -1)!))
    }
    this.#globals = aux.luaL_ref(state, lua.LUA_REGISTRYINDEX)
    this.#environment = aux.luaL_ref(state, lua.LUA_REGISTRYINDEX)
  }

  /** The script of that SHA-1, if it was loaded or run before. */
  find(sha: string): Script | undefined {
    return this.#scripts.get(sha)
  }

  /**
   * Compiles a script, or finds it compiled.
   *
   * @throws RedisError if its first line or its syntax is wrong
   */
  load(source: string): Script {
    const sha = createHash('sha1').update(source, 'latin1').digest('hex')
    const known = this.#scripts.get(sha)
    if (known) return known
    const { flags, body } = readShebang(source)
    const newer = newerSyntax(body)
    if (newer) throw compileError(newer)
    const state = this.#state
    this.#compile(body, '@user_script')
    lua.lua_rawgeti(state, lua.LUA_REGISTRYINDEX, this.#environment)
    lua.lua_setupvalue(state, -2, 1)
    const script = { sha, flags, reference: aux.luaL_ref(state, lua.LUA_REGISTRYINDEX) }
    this.#scripts.set(sha, script)
    return script
  }

  /** Forgets all scripts. */
  flush(): void {
    for (const { reference } of this.#scripts.values()) {
      aux.luaL_unref(this.#state, lua.LUA_REGISTRYINDEX, reference)
    }
    this.#scripts.clear()
  }

  /**
   * Runs a script to its end.
   *
   * @param readOnly whether writing commands are refused, as by EVAL_RO
   * @throws RedisError what the script raised, with the place as Redis words it
   */
  run(script: Script, keys: string[], args: string[], readOnly: boolean): Reply {
    const state = this.#state
    const top = lua.lua_gettop(state)
    this.#running = {
      script,
      keys: new Set(keys),
      readOnly: readOnly || script.flags.has('no-writes'),
    }
    this.#instructions = 0
    lua.lua_sethook(state, () => this.#count(), lua.LUA_MASKCOUNT, HOOK_INTERVAL)
    try {
      this.#setGlobal('KEYS', keys)
      this.#setGlobal('ARGV', args)
      lua.lua_pushcfunction(state, describeError)
      lua.lua_rawgeti(state, lua.LUA_REGISTRYINDEX, script.reference)
      if (lua.lua_pcall(state, 0, 1, -2) === lua.LUA_OK) return popReply(state)
      throw this.#raised(script)
    } finally {
      lua.lua_sethook(state, null, 0, 0)
      lua.lua_settop(state, top)
      this.#running = undefined
    }
  }

  #compile(source: string, name: string): void {
    let rest: Uint8Array | null = bytes(source)
    const reader = () => {
      const part = rest
      rest = null
      return part
    }
    const status = lua.lua_load(this.#state, reader, null, bytes(name), bytes('t'))
    if (status === lua.LUA_OK) return
    const message = text(lua.lua_tolstring(this.#state, -1)!)
    lua.lua_pop(this.#state, 1)
    throw compileError(message)
  }

  #setGlobal(name: string, values: string[]): void {
    const state = this.#state
    lua.lua_rawgeti(state, lua.LUA_REGISTRYINDEX, this.#globals)
    pushText(state, name)
    lua.lua_createtable(state, values.length, 0)
    for (const [i, value] of values.entries()) {
      pushText(state, value)
      lua.lua_rawseti(state, -2, i + 1)
    }
    lua.lua_rawset(state, -3)
    lua.lua_pop(state, 1)
  }

  /** Stops a runaway script; once over the limit, at every instruction, so that pcall cannot save it. */
  #count(): number {
    this.#instructions += HOOK_INTERVAL
    if (this.#instructions < MAX_INSTRUCTIONS) return 0
    lua.lua_sethook(this.#state, () => this.#count(), lua.LUA_MASKCOUNT, 1)
    return aux.luaL_error(
      this.#state,
      bytes(`Script exceeded the limit of ${MAX_INSTRUCTIONS} instructions`),
    )
  }

  /** redis.call and redis.pcall; the errors are worded as scripts see them. */
  #call(command: string[]): Reply {
    const running = this.#running!
    const found = this.#options.resolve(command)
    if ('error' in found) {
      return found.reason === 'unknown'
        ? new RedisError('ERR Unknown Redis command called from script')
        : new RedisError('ERR Wrong number of args calling Redis command from script')
    }
    if (found.spec.noScript) {
      return new RedisError('ERR This Redis command is not allowed from script')
    }
    if (running.readOnly && found.spec.kind === 'write') {
      return new RedisError('ERR Write commands are not allowed from read-only scripts.')
    }
    if (this.#options.strictKeys || running.script.flags.has('allow-key-locking')) {
      const undeclared = this.#options.keysOf(found).find((key) => !running.keys.has(key))
      if (undeclared !== undefined) {
        return new RedisError(
          `ERR Dynamic keys are not allowed: '${undeclared}' is not in KEYS of the script`,
        )
      }
    }
    return this.#options.run(found, command)
  }

  #raised(script: Script): RedisError {
    const state = this.#state
    if (lua.lua_type(state, -1) !== lua.LUA_TTABLE) {
      const value = lua.lua_tolstring(state, -1)
      return new RedisError(`ERR ${value ? text(value) : 'unknown error'} script: ${script.sha}`)
    }
    const message = textField(state, 'err') ?? 'ERR unknown error'
    const source = textField(state, 'source')
    const line = textField(state, 'line')
    const place = source && line ? `, on ${source}:${line}` : ''
    return new RedisError(`${message} script: ${script.sha}${place}.`.replace(/[\r\n]/g, ' '))
  }
}

function compileError(message: string): RedisError {
  // In the words of Lua 5.1.
  const text = message
    .replace(/near <(\w+)>$/, "near '<$1>'")
    .replace('syntax error near', "'=' expected near")
  return new RedisError(`ERR Error compiling script (new function): ${text}`)
}

/** Lua 5.1 names the variable in front of the type of its value. */
const NAMED_VALUE = /a (\w+) value \((global|local|field|upvalue|method|constant) ('[^']*')\)/

/** Lua's message handler: turns what was raised into a table with its place, as Redis's handler does. */
function describeError(state: LuaState): number {
  if (lua.lua_type(state, 1) !== lua.LUA_TTABLE) {
    const value = lua.lua_type(state, 1) === lua.LUA_TNIL ? null : lua.lua_tolstring(state, 1)
    const message = value ? text(value).replace(NAMED_VALUE, '$2 $3 (a $1 value)') : 'nil'
    lua.lua_createtable(state, 0, 3)
    pushText(state, `ERR ${message}`)
    lua.lua_setfield(state, -2, bytes('err'))
  }
  const place = scriptPlace(state)
  if (place) {
    pushText(state, place.source)
    lua.lua_setfield(state, -2, bytes('source'))
    pushText(state, String(place.line))
    lua.lua_setfield(state, -2, bytes('line'))
  }
  return 1
}

/** The innermost line of a script on the stack: helpers of the prelude and native ones are skipped. */
function scriptPlace(state: LuaState): { source: string; line: number } | undefined {
  const debug = new lua.lua_Debug()
  for (let level = 1; lua.lua_getstack(state, level, debug); level += 1) {
    lua.lua_getinfo(state, bytes('Sl'), debug)
    const source = debug.source ? text(debug.source) : ''
    if (source === '@user_script') return { source, line: debug.currentline }
  }
  return undefined
}
