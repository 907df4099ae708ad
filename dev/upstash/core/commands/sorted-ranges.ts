/** Ranges of sorted sets by rank, score and name. */

import { type CommandTable, type Context, read, write } from '../command.ts'
import { formatDouble, index, parseBoundDouble } from '../numbers.ts'
import { RedisError, type Reply, syntaxError } from '../reply.ts'
import type { SortedSet } from '../sorted-set.ts'

/** Chooses members of a set, in ascending order; `reverse` tells from which end Redis looks. */
type Range = (set: SortedSet, reverse?: boolean) => string[]
type By = 'rank' | 'score' | 'lex'

export const sortedRanges: CommandTable = {
  zrange: read(-4, (context, args) => range(context, args, undefined, undefined)),
  zrevrange: read(-4, (context, args) => range(context, args, 'rank', true)),
  zrangebyscore: read(-4, (context, args) => range(context, args, 'score', false)),
  zrevrangebyscore: read(-4, (context, args) => range(context, args, 'score', true)),
  zrangebylex: read(-4, (context, args) => range(context, args, 'lex', false)),
  zrevrangebylex: read(-4, (context, args) => range(context, args, 'lex', true)),
  zcount: read(4, (context, args) => count(context, args, byScore)),
  zlexcount: read(4, (context, args) => count(context, args, byLex)),
  zremrangebyscore: write(4, (context, args) => remove(context, args, byScore)),
  zremrangebylex: write(4, (context, args) => remove(context, args, byLex)),
  zremrangebyrank: write(4, (context, args) => remove(context, args, byRank)),
}

interface RangeOptions {
  by: By
  reverse: boolean
  withScores: boolean
  limit?: { offset: number; count: number }
}

/** `by` and `reverse` are given where the command's name fixes them. */
function range({ db }: Context, args: string[], by?: By, reverse?: boolean): Reply {
  const options = parseOptions(args.slice(3), by, reverse)
  const [low, high] =
    options.reverse && options.by !== 'rank' ? [args[2]!, args[1]!] : [args[1]!, args[2]!]
  const choose =
    options.by === 'score'
      ? byScore(low, high)
      : options.by === 'lex'
        ? byLex(low, high)
        : undefined
  const start = choose ? 0 : index(low)
  const stop = choose ? 0 : index(high)
  const set = db.get(args[0]!, 'zset')
  if (!set) return []
  let members: string[]
  if (choose) {
    members = choose(set, options.reverse)
    if (options.reverse) members.reverse()
    members = limited(members, options.limit)
  } else {
    members = slice(options.reverse ? set.order.toReversed() : set.order, start, stop)
  }
  if (!options.withScores) return members
  return members.flatMap((member) => [member, formatDouble(set.score(member))])
}

function parseOptions(words: string[], fixedBy?: By, fixedReverse?: boolean): RangeOptions {
  let by = fixedBy
  let reverse = fixedReverse
  let withScores = false
  let limit: RangeOptions['limit']
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]!.toUpperCase()
    if (word === 'WITHSCORES') withScores = true
    else if (word === 'LIMIT' && i + 2 < words.length) {
      limit = { offset: index(words[i + 1]!), count: index(words[i + 2]!) }
      i += 2
    } else if (reverse === undefined && word === 'REV') reverse = true
    else if (by === undefined && word === 'BYLEX') by = 'lex'
    else if (by === undefined && word === 'BYSCORE') by = 'score'
    else throw syntaxError()
  }
  // Redis takes a count of -1 for no limit at all.
  if (limit && limit.count !== -1 && (by ?? 'rank') === 'rank') {
    throw new RedisError(
      'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
    )
  }
  if (withScores && by === 'lex') {
    throw new RedisError('ERR syntax error, WITHSCORES not supported in combination with BYLEX')
  }
  return { by: by ?? 'rank', reverse: reverse ?? false, withScores, ...(limit && { limit }) }
}

function limited(members: string[], limit: RangeOptions['limit']): string[] {
  if (!limit) return members
  if (limit.offset < 0) return []
  const end = limit.count < 0 ? members.length : limit.offset + limit.count
  return members.slice(limit.offset, end)
}

/** `start..stop` of a list, both inclusive, negative counted from the end. */
export function slice(items: string[], start: number, stop: number): string[] {
  const from = Math.max(start < 0 ? items.length + start : start, 0)
  const to = stop < 0 ? items.length + stop : stop
  return from > to ? [] : items.slice(from, to + 1)
}

function byRank(start: string, stop: string): Range {
  const [from, to] = [index(start), index(stop)]
  return (set) => slice(set.order, from, to)
}

function byScore(min: string, max: string): Range {
  const low = scoreBound(min)
  const high = scoreBound(max)
  return (set) =>
    set.order.filter((member) => {
      const score = set.score(member)
      const above = low.exclusive ? score > low.value : score >= low.value
      return above && (high.exclusive ? score < high.value : score <= high.value)
    })
}

function scoreBound(text: string): { value: number; exclusive: boolean } {
  const exclusive = text.startsWith('(')
  const number = exclusive ? text.slice(1) : text
  const value = parseBoundDouble(number)
  if (value === undefined) throw new RedisError('ERR min or max is not a float')
  return { value, exclusive }
}

function byLex(min: string, max: string): Range {
  const above = lexBound(min, (member, bound) => member > bound)
  const below = lexBound(max, (member, bound) => member < bound)
  return ({ order }, reverse) => {
    // Names are in order only among equal scores. With mixed ones the answer is undefined, and what
    // Redis makes of it follows from how it searches.
    if (!order.length || !above(order.at(-1)!) || !below(order[0]!)) return []
    if (reverse) {
      const end = order.findLastIndex(below)
      const start = order.findLastIndex((member, i) => i <= end && !above(member)) + 1
      return order.slice(start, end + 1)
    }
    const start = order.findIndex(above)
    const end = order.findIndex((member, i) => i >= start && !below(member))
    return order.slice(start, end < 0 ? undefined : end)
  }
}

/** A bound such as `[a`, `(a`, `-` or `+` as a test; `beyond` is the strict comparison. */
function lexBound(text: string, beyond: (member: string, bound: string) => boolean) {
  const bound = text.slice(1)
  const isMin = beyond('b', 'a')
  if (text === '-') return () => isMin
  if (text === '+') return () => !isMin
  if (text[0] === '(') return (member: string) => beyond(member, bound)
  if (text[0] === '[') return (member: string) => member === bound || beyond(member, bound)
  throw new RedisError('ERR min or max not valid string range item')
}

function count({ db }: Context, args: string[], by: (min: string, max: string) => Range): Reply {
  const choose = by(args[1]!, args[2]!)
  const set = db.get(args[0]!, 'zset')
  return set ? choose(set).length : 0
}

function remove({ db }: Context, args: string[], by: (min: string, max: string) => Range): Reply {
  const choose = by(args[1]!, args[2]!)
  const set = db.get(args[0]!, 'zset')
  if (!set) return 0
  const members = choose(set)
  for (const member of members) set.delete(member)
  if (members.length) db.touched(args[0]!)
  return members.length
}
