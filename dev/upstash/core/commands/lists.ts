/** List commands. */

import { type CommandTable, type Context, read, TWO_KEYS, write } from '../command.ts'
import { index, integer, parseInteger, positive } from '../numbers.ts'
import { noSuchKey, OK, RedisError, type Reply, syntaxError, wrongArity } from '../reply.ts'
import { slice } from './sorted-ranges.ts'

type End = 'LEFT' | 'RIGHT'

export const lists: CommandTable = {
  lpush: write(-3, (context, args) => push(context, args, 'LEFT', true)),
  rpush: write(-3, (context, args) => push(context, args, 'RIGHT', true)),
  lpushx: write(-3, (context, args) => push(context, args, 'LEFT', false)),
  rpushx: write(-3, (context, args) => push(context, args, 'RIGHT', false)),
  lpop: write(-2, (context, args) => pop(context, args, 'LEFT')),
  rpop: write(-2, (context, args) => pop(context, args, 'RIGHT')),
  llen: read(2, ({ db }, [key]) => db.get(key!, 'list')?.length ?? 0),
  lrange: read(4, ({ db }, [key, start, stop]) => {
    const [from, to] = [index(start!), index(stop!)]
    return slice(db.get(key!, 'list') ?? [], from, to)
  }),
  lindex: read(3, ({ db }, [key, position]) => {
    const list = db.get(key!, 'list')
    return list?.at(index(position!)) ?? null
  }),
  lset: write(4, ({ db }, [key, position, value]) => {
    const list = db.get(key!, 'list')
    if (!list) throw noSuchKey()
    const at = index(position!)
    const target = at < 0 ? list.length + at : at
    if (target < 0 || target >= list.length) throw new RedisError('ERR index out of range')
    list[target] = value!
    db.touched(key!)
    return OK
  }),
  lrem: write(4, remove),
  ltrim: write(4, ({ db }, [key, start, stop]) => {
    const [from, to] = [index(start!), index(stop!)]
    const list = db.get(key!, 'list')
    if (!list) return OK
    const kept = slice(list, from, to)
    if (kept.length < list.length) {
      list.splice(0, list.length, ...kept)
      db.touched(key!)
    }
    return OK
  }),
  linsert: write(5, ({ db }, [key, where, pivot, value]) => {
    if (!/^(before|after)$/i.test(where!)) throw syntaxError()
    const list = db.get(key!, 'list')
    if (!list) return 0
    const at = list.indexOf(pivot!)
    if (at < 0) return -1
    list.splice(/^after$/i.test(where!) ? at + 1 : at, 0, value!)
    db.touched(key!)
    return list.length
  }),
  lpos: read(-3, position),
  lmove: write(
    5,
    (context, [from, to, take, give]) => move(context, from!, to!, end(take!), end(give!)),
    TWO_KEYS,
  ),
  rpoplpush: write(
    3,
    (context, [from, to]) => move(context, from!, to!, 'RIGHT', 'LEFT'),
    TWO_KEYS,
  ),
}

function end(word: string): End {
  const upper = word.toUpperCase()
  if (upper === 'LEFT' || upper === 'RIGHT') return upper
  throw syntaxError()
}

function push({ db }: Context, args: string[], at: End, create: boolean): Reply {
  const [key, ...values] = args as [string, ...string[]]
  const existing = db.get(key, 'list')
  if (!existing && !create) return 0
  const list = existing ?? db.getOrCreate(key, 'list')
  for (const value of values) {
    if (at === 'LEFT') list.unshift(value)
    else list.push(value)
  }
  db.touched(key)
  return list.length
}

function pop({ db, name }: Context, args: string[], from: End): Reply {
  if (args.length > 2) throw wrongArity(name)
  const [key, countText] = args as [string, string?]
  const count = countText === undefined ? 1 : positive(countText)
  const list = db.get(key, 'list')
  if (!list) return null
  const taken: string[] = []
  while (taken.length < count && list.length) {
    taken.push(from === 'LEFT' ? list.shift()! : list.pop()!)
  }
  if (taken.length) db.touched(key)
  return countText === undefined ? taken[0]! : taken
}

function remove({ db }: Context, args: string[]): Reply {
  const [key, , value] = args as [string, string, string]
  const count = index(args[1]!)
  const list = db.get(key, 'list')
  if (!list) return 0
  const limit = count === 0 ? Infinity : Math.abs(count)
  let removed = 0
  const keep = (item: string) => {
    if (item !== value || removed >= limit) return true
    removed += 1
    return false
  }
  const kept = count < 0 ? list.toReversed().filter(keep).reverse() : list.filter(keep)
  if (removed) {
    list.splice(0, list.length, ...kept)
    db.touched(key)
  }
  return removed
}

function position({ db }: Context, args: string[]): Reply {
  const [key, value, ...words] = args as [string, string, ...string[]]
  let rank = 1
  let count: number | undefined
  let maxLength = 0
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i]!.toUpperCase()
    const argument = words[i + 1]
    if (argument === undefined || !['RANK', 'COUNT', 'MAXLEN'].includes(word)) throw syntaxError()
    if (word === 'RANK') rank = parseRank(argument)
    else if (word === 'COUNT') count = notNegative(argument, word)
    else maxLength = notNegative(argument, word)
  }
  const list = db.get(key, 'list')
  if (!list) return count === undefined ? null : []
  const found = search(list, value, rank, count === undefined ? 1 : count || Infinity, maxLength)
  return count === undefined ? (found[0] ?? null) : found
}

function search(list: string[], value: string, rank: number, count: number, maxLength: number) {
  const found: number[] = []
  const steps = maxLength ? Math.min(maxLength, list.length) : list.length
  let skip = Math.abs(rank) - 1
  for (let step = 0; step < steps && found.length < count; step += 1) {
    const at = rank < 0 ? list.length - 1 - step : step
    if (list[at] !== value) continue
    if (skip > 0) skip -= 1
    else found.push(at)
  }
  return found
}

function parseRank(text: string): number {
  const rank = integer(text)
  if (rank === 0n) {
    throw new RedisError(
      "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
    )
  }
  return Number(rank)
}

function notNegative(text: string, option: string): number {
  const value = parseInteger(text)
  if (value === undefined || value < 0n) {
    throw new RedisError(`ERR ${option} can't be negative`)
  }
  return Number(value)
}

function move({ db }: Context, from: string, to: string, take: End, give: End): Reply {
  const source = db.get(from, 'list')
  if (!source) return null
  db.get(to, 'list')
  const value = take === 'LEFT' ? source.shift()! : source.pop()!
  // The target is opened before the emptied source goes: both may be the same list.
  const target = db.getOrCreate(to, 'list')
  if (give === 'LEFT') target.unshift(value)
  else target.push(value)
  db.touched(from)
  db.touched(to)
  return value
}
