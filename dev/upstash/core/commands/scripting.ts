/** EVAL and its kin on top of the script engine. */

import type { CommandSpec, CommandTable } from '../command.ts'
import type { ScriptEngine } from '../lua/engine.ts'
import { integer } from '../numbers.ts'
import { OK, RedisError, type Reply } from '../reply.ts'

const noScript = () => new RedisError('NOSCRIPT No matching script. Please use EVAL.')

/** The keys that follow `numkeys`. */
function declaredKeys(args: string[]): string[] {
  const count = Number(args[1])
  return Number.isInteger(count) && count > 0 ? args.slice(2, 2 + count) : []
}

/** The scripting commands; `engine` is asked for at the first use, since it takes time to start. */
export function scripting(engine: () => ScriptEngine): CommandTable {
  const evaluate = (readOnly: boolean, bySha: boolean): CommandSpec => ({
    arity: -3,
    kind: readOnly ? 'read' : 'write',
    keys: declaredKeys,
    noScript: true,
    handler: (_, args): Reply => {
      const [script, , ...rest] = args as [string, string]
      if (bySha && script.length !== 40) throw noScript()
      const count = integer(args[1]!)
      if (count > BigInt(rest.length)) {
        throw new RedisError("ERR Number of keys can't be greater than number of args")
      }
      if (count < 0n) throw new RedisError("ERR Number of keys can't be negative")
      const compiled = bySha ? engine().find(script.toLowerCase()) : engine().load(script)
      if (!compiled) throw noScript()
      const keys = rest.slice(0, Number(count))
      return engine().run(compiled, keys, rest.slice(Number(count)), readOnly)
    },
  })
  return {
    eval: evaluate(false, false),
    eval_ro: evaluate(true, false),
    evalsha: evaluate(false, true),
    evalsha_ro: evaluate(true, true),
    'script|load': {
      arity: 3,
      kind: 'write',
      noScript: true,
      handler: (_, [source]) => engine().load(source!).sha,
    },
    'script|exists': {
      arity: -3,
      kind: 'read',
      noScript: true,
      handler: (_, shas) => shas.map((sha) => (engine().find(sha.toLowerCase()) ? 1 : 0)),
    },
    'script|flush': {
      arity: -2,
      kind: 'write',
      noScript: true,
      handler: (_, args) => {
        if (args.length > 1 || (args[0] && !/^a?sync$/i.test(args[0]))) {
          throw new RedisError('ERR SCRIPT FLUSH only support SYNC|ASYNC option')
        }
        engine().flush()
        return OK
      },
    },
  }
}
