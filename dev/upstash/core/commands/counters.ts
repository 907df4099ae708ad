/** Counters kept in strings. */

import { type CommandTable, type Context, write } from '../command.ts'
import { addLongDoubles } from '../long-double.ts'
import { integer, MAX_INT64, MIN_INT64 } from '../numbers.ts'
import { notFloat, RedisError, type Reply } from '../reply.ts'

export const counters: CommandTable = {
  incr: write(2, (context, [key]) => add(context, key!, 1n)),
  decr: write(2, (context, [key]) => add(context, key!, -1n)),
  incrby: write(3, (context, [key, by]) => add(context, key!, integer(by!))),
  decrby: write(3, (context, [key, by]) => {
    const amount = integer(by!)
    if (amount === MIN_INT64) throw new RedisError('ERR decrement would overflow')
    return add(context, key!, -amount)
  }),
  incrbyfloat: write(3, ({ db }, [key, by]) => {
    const sum = addFloats(db.get(key!, 'string') ?? '0', by!, notFloat)
    db.put(key!, { type: 'string', value: sum }, true)
    return sum
  }),
}

function add({ db }: Context, key: string, by: bigint): Reply {
  const old = db.get(key, 'string')
  const sum = addIntegers(old === undefined ? 0n : integer(old), by)
  db.put(key, { type: 'string', value: String(sum) }, true)
  return sum
}

/** The sum of two integers; throws if it leaves 64 bits. */
export function addIntegers(left: bigint, right: bigint): bigint {
  const sum = left + right
  if (sum > MAX_INT64 || sum < MIN_INT64) {
    throw new RedisError('ERR increment or decrement would overflow')
  }
  return sum
}

/** The sum of two floats as text; throws what `invalid` makes if one is none. */
export function addFloats(left: string, right: string, invalid: () => RedisError): string {
  const sum = addLongDoubles(left, right)
  if (sum === 'invalid') throw invalid()
  if (sum === 'infinite') throw new RedisError('ERR increment would produce NaN or Infinity')
  return sum
}
