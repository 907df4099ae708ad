/** The command table: every command of the embedded Redis. */

import type { CommandSpec, CommandTable, Resolved, Unresolved } from './command.ts'
import { counters } from './commands/counters.ts'
import { expiry } from './commands/expiry.ts'
import { hashes } from './commands/hashes.ts'
import { keys } from './commands/keys.ts'
import { lists } from './commands/lists.ts'
import { scans } from './commands/scan.ts'
import { scripting } from './commands/scripting.ts'
import { server } from './commands/server.ts'
import { sets } from './commands/sets.ts'
import { sortedRanges } from './commands/sorted-ranges.ts'
import { sortedSets } from './commands/sorted-sets.ts'
import { streamClaims } from './commands/stream-claims.ts'
import { streamGroups } from './commands/stream-groups.ts'
import { streams } from './commands/streams.ts'
import { strings } from './commands/strings.ts'
import type { ScriptEngine } from './lua/engine.ts'
import { cText, RedisError, wrongArity } from './reply.ts'

export type Table = Map<string, CommandSpec>

/** Builds the table. */
export function commandTable(engine: () => ScriptEngine): Table {
  const all: CommandTable = {
    ...strings,
    ...counters,
    ...keys,
    ...expiry,
    ...scans,
    ...hashes,
    ...sets,
    ...sortedSets,
    ...sortedRanges,
    ...lists,
    ...streams,
    ...streamGroups,
    ...streamClaims,
    ...server,
    ...scripting(engine),
  }
  return new Map(Object.entries(all))
}

const CONTAINERS = ['xgroup', 'script']

/** Looks a command up and checks its arity. */
export function resolve(table: Table, command: string[]): Resolved | Unresolved {
  const first = command[0]!.toLowerCase()
  if (!CONTAINERS.includes(first)) return check(table, first, command, command.slice(1))
  if (command.length < 2) return { reason: 'arity', error: wrongArity(first) }
  const name = `${first}|${command[1]!.toLowerCase()}`
  if (!table.has(name)) {
    const text = `ERR unknown subcommand '${cText(command[1]!, 128)}'. Try ${first.toUpperCase()} HELP.`
    return { reason: 'unknown', error: new RedisError(text) }
  }
  return check(table, name, command, command.slice(2))
}

function check(table: Table, name: string, command: string[], args: string[]) {
  const spec = table.get(name)
  if (!spec || (name.includes('|') && args.length + 1 === command.length)) {
    return { reason: 'unknown' as const, error: unknownCommand(command) }
  }
  const fits =
    spec.arity > 0 ? command.length === spec.arity : command.length >= Math.abs(spec.arity)
  if (!fits) return { reason: 'arity' as const, error: wrongArity(name) }
  return { name, spec, args }
}

/** Redis quotes the beginning of the arguments, up to 128 characters of them. */
export function unknownCommand(command: string[]): RedisError {
  let quoted = ''
  for (const arg of command.slice(1)) {
    if (quoted.length >= 128) break
    quoted += `'${cText(arg, 128 - quoted.length)}' `
  }
  const text = `ERR unknown command '${cText(command[0]!, 128)}', with args beginning with: ${quoted}`
  return new RedisError(text.replace(/[\r\n]/g, ' '))
}
