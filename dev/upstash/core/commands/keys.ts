/** Commands on keys of any type. */

import { ALL_KEYS, type CommandTable, type Context, read, TWO_KEYS, write } from '../command.ts'
import { globMatch } from '../glob.ts'
import type { Entry } from '../keyspace.ts'
import { integer } from '../numbers.ts'
import { noSuchKey, OK, RedisError, type Reply, Status, syntaxError } from '../reply.ts'
import { SortedSet } from '../sorted-set.ts'
import { cloneStream } from '../stream.ts'

const deleteKeys = ({ db }: Context, keys: string[]) => keys.filter((key) => db.delete(key)).length
const countKeys = ({ db }: Context, keys: string[]) => keys.filter((key) => db.entry(key)).length

export const keys: CommandTable = {
  del: write(-2, deleteKeys, ALL_KEYS),
  unlink: write(-2, deleteKeys, ALL_KEYS),
  exists: read(-2, countKeys, ALL_KEYS),
  touch: read(-2, countKeys, ALL_KEYS),
  type: read(2, ({ db }, [key]) => new Status(db.entry(key!)?.type ?? 'none')),
  rename: write(
    3,
    (context, [from, to]) => {
      rename(context, from!, to!, true)
      return OK
    },
    TWO_KEYS,
  ),
  renamenx: write(3, (context, [from, to]) => rename(context, from!, to!, false), TWO_KEYS),
  copy: write(-3, copy, TWO_KEYS),
  keys: {
    arity: 2,
    kind: 'read',
    handler: ({ db }, [pattern]) => db.keys().filter((key) => globMatch(pattern!, key)),
  },
  randomkey: {
    arity: 1,
    kind: 'read',
    handler: ({ db, random }) => {
      const all = db.keys()
      return all[Math.floor(random() * all.length)] ?? null
    },
  },
  dbsize: { arity: 1, kind: 'read', handler: ({ db }) => db.keys().length },
  flushall: { arity: -1, kind: 'write', handler: flush },
  flushdb: { arity: -1, kind: 'write', handler: flush },
}

function rename({ db }: Context, from: string, to: string, replace: boolean): number {
  const entry = db.entry(from)
  if (!entry) throw noSuchKey()
  if (from === to) return 0
  if (!replace && db.entry(to)) return 0
  db.entries.delete(to)
  db.entries.delete(from)
  db.entries.set(to, entry)
  db.changes += 1
  return 1
}

function copy({ db }: Context, args: string[]): Reply {
  const [from, to, ...options] = args as [string, string, ...string[]]
  let replace = false
  for (let i = 0; i < options.length; i += 1) {
    const word = options[i]!.toUpperCase()
    if (word === 'REPLACE') replace = true
    else if (word === 'DB' && options[i + 1] !== undefined) {
      i += 1
      if (integer(options[i]!) !== 0n) throw new RedisError('ERR DB index is out of range')
    } else throw syntaxError()
  }
  if (from === to) throw new RedisError('ERR source and destination objects are the same')
  const entry = db.entry(from)
  if (!entry) return 0
  if (db.entry(to) && !replace) return 0
  db.entries.set(to, clone(entry))
  db.changes += 1
  return 1
}

function clone(entry: Entry): Entry {
  switch (entry.type) {
    case 'string':
      return { ...entry }
    case 'hash':
      return { ...entry, value: new Map(entry.value) }
    case 'set':
      return { ...entry, value: new Set(entry.value) }
    case 'list':
      return { ...entry, value: [...entry.value] }
    case 'zset': {
      const value = new SortedSet()
      for (const [member, score] of entry.value.scores) value.set(member, score)
      return { ...entry, value }
    }
    case 'stream':
      return { ...entry, value: cloneStream(entry.value) }
  }
}

function flush({ db }: Context, args: string[]): Reply {
  if (args.length > 1 || (args[0] && !/^(a?sync)$/i.test(args[0]))) throw syntaxError()
  db.clear()
  return OK
}
