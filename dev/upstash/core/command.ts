/** What a command is: the table that the dispatcher, scripts and the read-only token go by. */

import type { Keyspace } from './keyspace.ts'
import type { RedisError, Reply } from './reply.ts'

/** What a handler works with. */
export interface Context {
  db: Keyspace
  /** The command's full name in lower case, as error texts quote it. */
  name: string
  /** The command as it was sent, its name included. */
  command: string[]
  /** Uniform in [0, 1). */
  random(): number
  /** Replaces what the log keeps of this command, for commands that are not deterministic. */
  logAs(command: string[]): void
  /** Sends to subscribers; answers how many there were. */
  publish(channel: string, message: string): number
}

/** Runs a command on its arguments (without its name). */
export type Handler = (context: Context, args: string[]) => Reply

/** Where the keys stand: `[first, last, step]` as COMMAND INFO counts, or a function of the arguments. */
export type KeyPositions =
  | [first: number, last: number, step: number]
  | ((args: string[]) => string[])

export interface CommandSpec {
  /** Redis's arity, the name included: exact if positive, the least if negative. */
  arity: number
  kind: 'read' | 'write'
  keys?: KeyPositions
  /** Refused inside scripts. */
  noScript?: boolean
  handler: Handler
}

export type CommandTable = Record<string, CommandSpec>

export const ONE_KEY: KeyPositions = [1, 1, 1]
export const ALL_KEYS: KeyPositions = [1, -1, 1]
export const TWO_KEYS: KeyPositions = [1, 2, 1]

/** A reading command on one key. */
export function read(arity: number, handler: Handler, keys: KeyPositions = ONE_KEY): CommandSpec {
  return { arity, kind: 'read', keys, handler }
}

/** A writing command on one key. */
export function write(arity: number, handler: Handler, keys: KeyPositions = ONE_KEY): CommandSpec {
  return { arity, kind: 'write', keys, handler }
}

/** The keys that a command names, given its arguments (without its name). */
export function keysOf(spec: CommandSpec, args: string[]): string[] {
  if (!spec.keys) return []
  if (typeof spec.keys === 'function') return spec.keys(args)
  const [first, last, step] = spec.keys
  const end = last < 0 ? args.length + last : last - 1
  const keys: string[] = []
  for (let position = first - 1; position <= end; position += step) {
    const key = args[position]
    if (key !== undefined) keys.push(key)
  }
  return keys
}

/** A command found in the table. `name` is the full name, e.g. `xgroup|create`. */
export interface Resolved {
  name: string
  spec: CommandSpec
  args: string[]
}

/** Why a command cannot run; scripts word the first two in their own way. */
export type Unresolved = { reason: 'unknown' | 'arity'; error: RedisError }
