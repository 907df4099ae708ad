/** Sorted set commands that write, or read single members; ranges are elsewhere. */

import { type CommandTable, type Context, read, write } from '../command.ts'
import { double, formatDouble, positive } from '../numbers.ts'
import { RedisError, type Reply, syntaxError } from '../reply.ts'

export const sortedSets: CommandTable = {
  zadd: write(-4, add),
  zincrby: write(4, (context, [key, by, member]) =>
    addMembers(context, key!, [[double(by!), member!]], new Set(['INCR'])),
  ),
  zrem: write(-3, ({ db }, [key, ...members]) => {
    const set = db.get(key!, 'zset')
    const removed = members.filter((member) => set?.delete(member)).length
    if (removed) db.touched(key!)
    return removed
  }),
  zscore: read(3, ({ db }, [key, member]) => show(db.get(key!, 'zset')?.scores.get(member!))),
  zmscore: read(-3, ({ db }, [key, ...members]) => {
    const set = db.get(key!, 'zset')
    return members.map((member) => show(set?.scores.get(member)))
  }),
  zcard: read(2, ({ db }, [key]) => db.get(key!, 'zset')?.size ?? 0),
  zrank: read(3, ({ db }, [key, member]) => {
    const rank = db.get(key!, 'zset')?.rank(member!) ?? -1
    return rank < 0 ? null : rank
  }),
  zrevrank: read(3, ({ db }, [key, member]) => {
    const set = db.get(key!, 'zset')
    const rank = set?.rank(member!) ?? -1
    return !set || rank < 0 ? null : set.size - 1 - rank
  }),
  zpopmin: write(-2, (context, args) => pop(context, args, false)),
  zpopmax: write(-2, (context, args) => pop(context, args, true)),
}

function show(score: number | undefined): Reply {
  return score === undefined ? null : formatDouble(score)
}

const FLAGS = ['NX', 'XX', 'GT', 'LT', 'CH', 'INCR']

function add(context: Context, args: string[]): Reply {
  const flags = new Set<string>()
  let start = 1
  for (; start < args.length; start += 1) {
    const word = args[start]!.toUpperCase()
    if (!FLAGS.includes(word)) break
    flags.add(word)
  }
  const rest = args.slice(start)
  if (!rest.length || rest.length % 2) throw syntaxError()
  if (flags.has('NX') && flags.has('XX')) {
    throw new RedisError('ERR XX and NX options at the same time are not compatible')
  }
  if ([flags.has('GT'), flags.has('LT'), flags.has('NX')].filter(Boolean).length > 1) {
    throw new RedisError('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  if (flags.has('INCR') && rest.length > 2) {
    throw new RedisError('ERR INCR option supports a single increment-element pair')
  }
  const members: [number, string][] = []
  for (let i = 0; i < rest.length; i += 2) members.push([double(rest[i]!), rest[i + 1]!])
  return addMembers(context, args[0]!, members, flags)
}

function addMembers(
  { db }: Context,
  key: string,
  members: [score: number, member: string][],
  flags: Set<string>,
): Reply {
  const incr = flags.has('INCR')
  const existing = db.get(key, 'zset')
  if (!existing && flags.has('XX')) return incr ? null : 0
  let added = 0
  let updated = 0
  let result: Reply = null
  for (const [given, member] of members) {
    const old = db.get(key, 'zset')?.scores.get(member)
    if (old === undefined ? flags.has('XX') : flags.has('NX')) continue
    const score = incr && old !== undefined ? given + old : given
    if (Number.isNaN(score)) throw new RedisError('ERR resulting score is not a number (NaN)')
    if (old !== undefined) {
      if (flags.has('LT') && score >= old) continue
      if (flags.has('GT') && score <= old) continue
    }
    result = formatDouble(score)
    if (score === old) continue
    db.getOrCreate(key, 'zset').set(member, score)
    db.touched(key)
    if (old === undefined) added += 1
    else updated += 1
  }
  if (incr) return result
  return flags.has('CH') ? added + updated : added
}

function pop({ db }: Context, args: string[], highest: boolean): Reply {
  if (args.length > 2) throw syntaxError()
  const count = args[1] === undefined ? 1 : positive(args[1])
  const set = db.get(args[0]!, 'zset')
  if (!set) return []
  const members = highest ? set.order.slice().reverse().slice(0, count) : set.order.slice(0, count)
  const reply = members.flatMap((member) => [member, formatDouble(set.score(member))])
  for (const member of members) set.delete(member)
  if (members.length) db.touched(args[0]!)
  return reply
}
