/** Hash commands. */

import { type CommandTable, type Context, read, write } from '../command.ts'
import { isInfinite, isLongDouble } from '../long-double.ts'
import { integer, MIN_INT64, parseInteger, symmetric } from '../numbers.ts'
import { notFloat, OK, RedisError, type Reply, syntaxError, wrongArity } from '../reply.ts'
import { addFloats, addIntegers } from './counters.ts'
import { sampleDistinct, sampleWithRepeats } from './sample.ts'

export const hashes: CommandTable = {
  hset: write(-4, setFields),
  hmset: write(-4, (context, args) => {
    setFields(context, args)
    return OK
  }),
  hsetnx: write(4, ({ db }, [key, field, value]) => {
    if (db.get(key!, 'hash')?.has(field!)) return 0
    db.getOrCreate(key!, 'hash').set(field!, value!)
    db.touched(key!)
    return 1
  }),
  hget: read(3, ({ db }, [key, field]) => db.get(key!, 'hash')?.get(field!) ?? null),
  hmget: read(-3, ({ db }, [key, ...fields]) => {
    const hash = db.get(key!, 'hash')
    return fields.map((field) => hash?.get(field) ?? null)
  }),
  hgetall: read(2, ({ db }, [key]) => [...(db.get(key!, 'hash') ?? [])].flat()),
  hdel: write(-3, ({ db }, [key, ...fields]) => {
    const hash = db.get(key!, 'hash')
    const removed = fields.filter((field) => hash?.delete(field)).length
    if (removed) db.touched(key!)
    return removed
  }),
  hlen: read(2, ({ db }, [key]) => db.get(key!, 'hash')?.size ?? 0),
  hexists: read(3, ({ db }, [key, field]) => (db.get(key!, 'hash')?.has(field!) ? 1 : 0)),
  hkeys: read(2, ({ db }, [key]) => [...(db.get(key!, 'hash')?.keys() ?? [])]),
  hvals: read(2, ({ db }, [key]) => [...(db.get(key!, 'hash')?.values() ?? [])]),
  hstrlen: read(3, ({ db }, [key, field]) => db.get(key!, 'hash')?.get(field!)?.length ?? 0),
  hincrby: write(4, ({ db }, [key, field, by]) => {
    const amount = integer(by!)
    const old = db.get(key!, 'hash')?.get(field!)
    const current = old === undefined ? 0n : parseInteger(old)
    if (current === undefined) throw new RedisError('ERR hash value is not an integer')
    const sum = addIntegers(current, amount)
    db.getOrCreate(key!, 'hash').set(field!, String(sum))
    db.touched(key!)
    return sum
  }),
  hincrbyfloat: write(4, ({ db }, [key, field, by]) => {
    if (!isLongDouble(by!)) throw notFloat()
    if (isInfinite(by!)) throw new RedisError('ERR value is NaN or Infinity')
    const old = db.get(key!, 'hash')?.get(field!) ?? '0'
    const sum = addFloats(old, by!, () => new RedisError('ERR hash value is not a float'))
    db.getOrCreate(key!, 'hash').set(field!, sum)
    db.touched(key!)
    return sum
  }),
  hrandfield: read(-2, randomFields),
}

function setFields({ db, name }: Context, args: string[]): number {
  const [key, ...rest] = args as [string, ...string[]]
  if (rest.length % 2) throw wrongArity(name)
  const hash = db.getOrCreate(key, 'hash')
  const before = hash.size
  for (let i = 0; i < rest.length; i += 2) hash.set(rest[i]!, rest[i + 1]!)
  db.touched(key)
  return hash.size - before
}

function randomFields(context: Context, args: string[]): Reply {
  const [key, countText, withValues] = args
  if (countText === undefined) {
    const fields = [...(context.db.get(key!, 'hash')?.keys() ?? [])]
    return sampleWithRepeats(fields, 1, context.random)[0] ?? null
  }
  if (args.length > 3 || (withValues && withValues.toLowerCase() !== 'withvalues')) {
    symmetric(countText)
    throw syntaxError()
  }
  const count = symmetric(countText)
  if (withValues && Math.abs(count) > Number(-MIN_INT64) / 2) {
    throw new RedisError('ERR value is out of range')
  }
  const hash = context.db.get(key!, 'hash')
  if (!hash) return []
  const fields =
    count < 0
      ? sampleWithRepeats([...hash.keys()], -count, context.random)
      : sampleDistinct([...hash.keys()], count, context.random)
  return withValues ? fields.flatMap((field) => [field, hash.get(field)!]) : fields
}
