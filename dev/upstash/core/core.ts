/** The embedded Redis: runs commands, one at a time, on its own keyspace. */

import { type Context, keysOf, type Resolved } from './command.ts'
import { globMatch } from './glob.ts'
import { Keyspace } from './keyspace.ts'
import { ScriptEngine } from './lua/engine.ts'
import { RedisError, type Reply } from './reply.ts'
import { commandTable, resolve, type Table } from './table.ts'

/** A write as the log keeps it: when, and the command to run again. */
export type LogRecord = [time: number, ...command: string[]]

export interface CoreOptions {
  /** The time in ms. */
  now?: () => number
  /** Uniform in [0, 1). */
  random?: () => number
  /** Refuses, in all scripts, keys that are not in KEYS. Default true. */
  strictKeys?: boolean
}

type Listener = (channel: string, message: string, pattern?: string) => void

export class RedisCore {
  readonly db = new Keyspace()
  readonly table: Table
  readonly #now: () => number
  readonly #random: () => number
  readonly #listeners = new Set<{ pattern: boolean; name: string; listener: Listener }>()
  readonly #engineOptions: { strictKeys: boolean }
  #engine: ScriptEngine | undefined
  #records: LogRecord[] = []

  constructor(options: CoreOptions = {}) {
    this.#now = options.now ?? Date.now
    this.#random = options.random ?? Math.random
    this.#engineOptions = { strictKeys: options.strictKeys ?? true }
    this.table = commandTable(() => this.#scripts())
  }

  /**
   * Runs one command.
   *
   * @param command its name and arguments, as binary (latin1) text
   * @returns the reply; errors of Redis are returned, not thrown
   */
  execute(command: string[]): Reply {
    this.db.time = this.#now()
    return this.#run(command)
  }

  /**
   * Runs commands as MULTI … EXEC does.
   *
   * @returns the replies, or EXECABORT if a command cannot even be queued
   */
  transaction(commands: string[][]): Reply[] | RedisError {
    this.db.time = this.#now()
    for (const command of commands) {
      const found = resolve(this.table, command)
      if ('error' in found) return found.error
    }
    return commands.map((command) => this.#run(command))
  }

  /** Runs a logged write again, at the time at which it was made. */
  replay([time, ...command]: LogRecord): void {
    this.db.time = time
    this.#run(command)
    this.#records = []
  }

  /** The writes since the last call. */
  takeRecords(): LogRecord[] {
    const records = this.#records
    this.#records = []
    return records
  }

  /** Removes keys whose time has come, so that memory is given back without an access. */
  sweep(): void {
    this.db.time = this.#now()
    this.db.keys()
  }

  /** Listens to a channel or a pattern; answers how to stop. */
  subscribe(name: string, pattern: boolean, listener: Listener): () => void {
    const entry = { pattern, name, listener }
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  #scripts(): ScriptEngine {
    this.#engine ??= new ScriptEngine({
      ...this.#engineOptions,
      resolve: (command) => resolve(this.table, command),
      keysOf: (found) => keysOf(found.spec, found.args),
      run: (found, command) => this.#runResolved(found, command),
    })
    return this.#engine
  }

  #run(command: string[]): Reply {
    const found = resolve(this.table, command)
    return 'error' in found ? found.error : this.#runResolved(found, command)
  }

  #runResolved(found: Resolved, command: string[]): Reply {
    const before = this.db.changes
    let logged = command
    const context: Context = {
      db: this.db,
      name: found.name,
      command,
      random: this.#random,
      logAs: (other) => {
        logged = other
      },
      publish: (channel, message) => this.#publish(channel, message),
    }
    let reply: Reply
    try {
      reply = found.spec.handler(context, found.args)
    } catch (error) {
      if (!(error instanceof RedisError)) throw error
      reply = error
    }
    // A script is logged as the writes that it made.
    const script = found.name.startsWith('eval')
    if (!script && this.db.changes > before) this.#records.push([this.db.time, ...logged])
    return reply
  }

  #publish(channel: string, message: string): number {
    let receivers = 0
    for (const { pattern, name, listener } of this.#listeners) {
      if (pattern ? !globMatch(name, channel) : name !== channel) continue
      receivers += 1
      listener(channel, message, pattern ? name : undefined)
    }
    return receivers
  }
}
