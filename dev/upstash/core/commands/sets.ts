/** Set commands. */

import { ALL_KEYS, type CommandTable, type Context, read, TWO_KEYS, write } from '../command.ts'
import type { Keyspace } from '../keyspace.ts'
import { positive, symmetric } from '../numbers.ts'
import { type Reply, syntaxError } from '../reply.ts'
import { sampleDistinct, sampleWithRepeats } from './sample.ts'

type Combine = (sets: Set<string>[]) => Set<string>

const union: Combine = (sets) => new Set(sets.flatMap((set) => [...set]))
const intersect: Combine = ([first, ...rest]) =>
  new Set([...(first ?? [])].filter((member) => rest.every((set) => set.has(member))))
const subtract: Combine = ([first, ...rest]) =>
  new Set([...(first ?? [])].filter((member) => !rest.some((set) => set.has(member))))

export const sets: CommandTable = {
  sadd: write(-3, ({ db }, [key, ...members]) => {
    const set = db.getOrCreate(key!, 'set')
    const before = set.size
    for (const member of members) set.add(member)
    if (set.size > before) db.touched(key!)
    return set.size - before
  }),
  srem: write(-3, ({ db }, [key, ...members]) => {
    const set = db.get(key!, 'set')
    const removed = members.filter((member) => set?.delete(member)).length
    if (removed) db.touched(key!)
    return removed
  }),
  smembers: read(2, ({ db }, [key]) => [...(db.get(key!, 'set') ?? [])]),
  sismember: read(3, ({ db }, [key, member]) => (db.get(key!, 'set')?.has(member!) ? 1 : 0)),
  smismember: read(-3, ({ db }, [key, ...members]) => {
    const set = db.get(key!, 'set')
    return members.map((member) => (set?.has(member) ? 1 : 0))
  }),
  scard: read(2, ({ db }, [key]) => db.get(key!, 'set')?.size ?? 0),
  spop: write(-2, pop),
  srandmember: read(-2, randomMembers),
  smove: write(4, move, TWO_KEYS),
  sunion: read(-2, ({ db }, names) => [...union(open(db, names))], ALL_KEYS),
  sinter: read(-2, ({ db }, names) => [...intersect(open(db, names))], ALL_KEYS),
  sdiff: read(-2, ({ db }, names) => [...subtract(open(db, names))], ALL_KEYS),
  sunionstore: write(-3, store(union), ALL_KEYS),
  sinterstore: write(-3, store(intersect), ALL_KEYS),
  sdiffstore: write(-3, store(subtract), ALL_KEYS),
}

function open(db: Keyspace, names: string[]): Set<string>[] {
  return names.map((name) => db.get(name, 'set') ?? new Set())
}

function store(combine: Combine) {
  return ({ db }: Context, [target, ...names]: string[]): Reply => {
    const value = combine(open(db, names))
    if (value.size) db.put(target!, { type: 'set', value })
    else db.delete(target!)
    return value.size
  }
}

function pop(context: Context, args: string[]): Reply {
  const { db } = context
  const [key, countText] = args as [string, string?]
  if (args.length > 2) throw syntaxError()
  const count = countText === undefined ? 1 : positive(countText)
  const set = db.get(key, 'set')
  const picked = sampleDistinct([...(set ?? [])], count, context.random)
  for (const member of picked) set?.delete(member)
  if (picked.length) {
    db.touched(key)
    // Replaying the log must remove the same members.
    context.logAs(['SREM', key, ...picked])
  }
  return countText === undefined ? (picked[0] ?? null) : picked
}

function randomMembers(context: Context, args: string[]): Reply {
  const [key, countText] = args as [string, string?]
  if (args.length > 2) throw syntaxError()
  const count = countText === undefined ? 1 : symmetric(countText)
  const all = [...(context.db.get(key, 'set') ?? [])]
  if (countText === undefined) return sampleWithRepeats(all, 1, context.random)[0] ?? null
  return count < 0
    ? sampleWithRepeats(all, -count, context.random)
    : sampleDistinct(all, count, context.random)
}

function move({ db }: Context, args: string[]): Reply {
  const [from, to, member] = args as [string, string, string]
  const source = db.get(from, 'set')
  if (!source) return 0
  db.get(to, 'set')
  if (from === to) return source.has(member) ? 1 : 0
  if (!source.delete(member)) return 0
  db.touched(from)
  db.getOrCreate(to, 'set').add(member)
  db.touched(to)
  return 1
}
