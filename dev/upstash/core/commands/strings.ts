/** String commands, except the counters. */

import { ALL_KEYS, type CommandTable, type Context, read, write } from '../command.ts'
import { index } from '../numbers.ts'
import { OK, RedisError, type Reply, wrongArity } from '../reply.ts'
import { expiryTime, parseStringOptions } from './string-options.ts'

const MAX_STRING_BYTES = 512 * 1024 * 1024

export const strings: CommandTable = {
  get: read(2, ({ db }, [key]) => db.get(key!, 'string') ?? null),
  set: write(-3, set),
  setex: write(4, (context, [key, time, value]) =>
    setWithExpiry(context, key!, 'EX', time!, value!),
  ),
  psetex: write(4, (context, [key, time, value]) =>
    setWithExpiry(context, key!, 'PX', time!, value!),
  ),
  setnx: write(3, ({ db }, [key, value]) => {
    if (db.entry(key!)) return 0
    db.put(key!, { type: 'string', value: value! })
    return 1
  }),
  getset: write(3, ({ db }, [key, value]) => {
    const old = db.get(key!, 'string') ?? null
    db.put(key!, { type: 'string', value: value! })
    return old
  }),
  getdel: write(2, ({ db }, [key]) => {
    const old = db.get(key!, 'string') ?? null
    db.delete(key!)
    return old
  }),
  getex: write(-2, getex),
  mget: read(
    -2,
    ({ db }, keys) =>
      keys.map((key) => {
        const entry = db.entry(key)
        return entry?.type === 'string' ? entry.value : null
      }),
    ALL_KEYS,
  ),
  mset: write(
    -3,
    (context, args) => {
      setAll(context, pairs(context, args))
      return OK
    },
    [1, -1, 2],
  ),
  msetnx: write(
    -3,
    (context, args) => {
      const all = pairs(context, args)
      if (all.some(([key]) => context.db.entry(key))) return 0
      setAll(context, all)
      return 1
    },
    [1, -1, 2],
  ),
  append: write(3, ({ db }, [key, value]) => {
    const old = db.get(key!, 'string') ?? ''
    checkLength(old.length + value!.length)
    db.put(key!, { type: 'string', value: old + value }, true)
    return old.length + value!.length
  }),
  strlen: read(2, ({ db }, [key]) => (db.get(key!, 'string') ?? '').length),
  getrange: read(4, getrange),
  substr: read(4, getrange),
  setrange: write(4, setrange),
}

function set(context: Context, args: string[]): Reply {
  const { db } = context
  const [key, value] = args as [string, string]
  const options = parseStringOptions(args.slice(2), 'set')
  const at = options.expiry && expiryTime(context, options.expiry)
  const old = options.get ? (db.get(key, 'string') ?? null) : null
  const found = db.entry(key) !== undefined
  if ((options.condition === 'NX' && found) || (options.condition === 'XX' && !found)) return old
  db.put(key, { type: 'string', value }, options.keepTtl)
  if (at !== undefined) db.entries.get(key)!.expireAt = at
  return options.get ? old : OK
}

function setWithExpiry(
  context: Context,
  key: string,
  unit: 'EX' | 'PX',
  time: string,
  value: string,
) {
  const at = expiryTime(context, { unit, time })
  context.db.put(key, { type: 'string', value })
  context.db.entries.get(key)!.expireAt = at
  return OK
}

function getex(context: Context, args: string[]): Reply {
  const { db } = context
  const key = args[0]!
  const options = parseStringOptions(args.slice(1), 'getex')
  const value = db.get(key, 'string')
  if (value === undefined) return null
  if (options.expiry) {
    db.expire(key, expiryTime(context, options.expiry))
  } else if (options.persist && db.entry(key)!.expireAt !== undefined) {
    db.entry(key)!.expireAt = undefined
    db.changes += 1
  }
  return value
}

function pairs(context: Context, args: string[]): [string, string][] {
  if (args.length % 2) throw wrongArity(context.name)
  const result: [string, string][] = []
  for (let i = 0; i < args.length; i += 2) result.push([args[i]!, args[i + 1]!])
  return result
}

function setAll({ db }: Context, all: [string, string][]): void {
  for (const [key, value] of all) db.put(key, { type: 'string', value })
}

function getrange({ db }: Context, args: string[]): Reply {
  let start = index(args[1]!)
  let end = index(args[2]!)
  const value = db.get(args[0]!, 'string') ?? ''
  if (start < 0 && end < 0 && start > end) return ''
  if (start < 0) start = Math.max(0, value.length + start)
  if (end < 0) end = Math.max(0, value.length + end)
  return value.slice(start, end + 1)
}

function setrange({ db }: Context, args: string[]): Reply {
  const [key, , patch] = args as [string, string, string]
  const offset = index(args[1]!)
  if (offset < 0) throw new RedisError('ERR offset is out of range')
  const old = db.get(key, 'string') ?? ''
  if (patch === '') return old.length
  checkLength(offset + patch.length)
  const value = old.padEnd(offset, '\0').slice(0, offset) + patch + old.slice(offset + patch.length)
  db.put(key, { type: 'string', value }, true)
  return value.length
}

function checkLength(bytes: number): void {
  if (bytes > MAX_STRING_BYTES) {
    throw new RedisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
  }
}
