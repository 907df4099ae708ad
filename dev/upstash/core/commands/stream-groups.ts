/** Consumer groups: reading and acknowledging. */

import { type CommandTable, type Context, write } from '../command.ts'
import { integer } from '../numbers.ts'
import { cText, OK, RedisError, type Reply, syntaxError } from '../reply.ts'
import { formatId, type Group, parseBound, parseId, type Stream, type StreamId } from '../stream.ts'
import { parseRead, showEntry, streamKeys } from './streams.ts'

export const streamGroups: CommandTable = {
  'xgroup|create': write(-5, create, [1, 1, 1]),
  'xgroup|destroy': write(
    4,
    ({ db }, [key, name]) => {
      const stream = existing(db.get(key!, 'stream'))
      if (!stream.groups.delete(name!)) return 0
      db.touched(key!)
      return 1
    },
    [1, 1, 1],
  ),
  xreadgroup: { arity: -7, kind: 'write', keys: streamKeys, handler: readGroup },
  xack: write(-4, ({ db }, [key, name, ...texts]) => {
    const group = db.get(key!, 'stream')?.groups.get(name!)
    if (!group) return 0
    const ids = texts.map((text) => parseId(text))
    const acknowledged = ids.filter((id) => group.pending.delete(id)).length
    if (acknowledged) db.touched(key!)
    return acknowledged
  }),
  xpending: { arity: -3, kind: 'read', keys: [1, 1, 1], handler: pending },
}

function existing(stream: Stream | undefined): Stream {
  if (stream) return stream
  throw new RedisError(
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
  )
}

function create(context: Context, args: string[]): Reply {
  const { db } = context
  const [key, name, from, ...options] = args as [string, string, string, ...string[]]
  let makeStream = false
  for (let i = 0; i < options.length; i += 1) {
    const word = options[i]!.toUpperCase()
    if (word === 'MKSTREAM') makeStream = true
    else if (word === 'ENTRIESREAD' && options[i + 1] !== undefined) {
      i += 1
      const count = integer(options[i]!)
      if (count < -1n) throw new RedisError('ERR value for ENTRIESREAD must be positive or -1')
    } else throw unknownForm('XGROUP', context.command[1]!)
  }
  const present = db.get(key, 'stream')
  if (!present && !makeStream) existing(undefined)
  const lastId = from === '$' ? (present?.lastId ?? 0n) : parseId(from)
  const stream = present ?? db.getOrCreate(key, 'stream')
  if (!present) db.touched(key)
  if (stream.groups.has(name)) {
    throw new RedisError('BUSYGROUP Consumer Group name already exists')
  }
  stream.groups.set(name, { lastId, pending: new Map() })
  db.touched(key)
  return OK
}

function unknownForm(command: string, form: string): RedisError {
  return new RedisError(
    `ERR unknown subcommand or wrong number of arguments for '${form}'. Try ${command} HELP.`,
  )
}

/** The group, or NOGROUP as the command words it. */
export function groupOf(stream: Stream | undefined, key: string, name: string, suffix = ''): Group {
  const group = stream?.groups.get(name)
  if (group) return group
  throw new RedisError(
    `NOGROUP No such key '${cText(key)}' or consumer group '${cText(name)}'${suffix}`,
  )
}

function readGroup({ db, name }: Context, args: string[]): Reply {
  const request = parseRead(name, args)
  const { name: groupName, consumer } = request.group!
  const sources = request.streams.map(([key, from]) => {
    const stream = db.get(key, 'stream')
    const group = groupOf(stream, key, groupName, ' in XREADGROUP with GROUP option')
    if (from === '$') {
      throw new RedisError(
        'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.',
      )
    }
    return { key, group, stream: stream!, after: from === '>' ? undefined : parseId(from) }
  })
  const reply: Reply[] = []
  for (const { key, group, stream, after } of sources) {
    if (after === undefined) {
      const fresh = stream.entries.filter(({ id }) => id > group.lastId)
      if (!fresh.length) continue
      const taken = fresh.slice(0, request.count || fresh.length)
      for (const { id } of taken) {
        group.lastId = id
        if (!request.noAck) setPending(group, id, { consumer, deliveredAt: db.time, deliveries: 1 })
      }
      reply.push([key, taken.map(showEntry)])
    } else {
      reply.push([key, history(stream, group, consumer, after, request.count, db.time)])
    }
    db.touched(key)
  }
  return reply.length ? reply : null
}

/** Keeps the pending list in the order of IDs. */
export function setPending(
  group: Group,
  id: StreamId,
  value: { consumer: string; deliveredAt: number; deliveries: number },
): void {
  const last = [...group.pending.keys()].at(-1) ?? -1n
  const known = group.pending.has(id)
  group.pending.set(id, value)
  if (known || id > last) return
  group.pending = new Map([...group.pending].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function history(
  stream: Stream,
  group: Group,
  consumer: string,
  after: StreamId,
  count: number,
  now: number,
): Reply {
  const mine = [...group.pending].filter(([id, entry]) => id > after && entry.consumer === consumer)
  return mine.slice(0, count || mine.length).map(([id, entry]) => {
    const found = stream.entries.find((candidate) => candidate.id === id)
    if (!found) return [formatId(id), null]
    entry.deliveredAt = now
    entry.deliveries += 1
    return showEntry(found)
  })
}

function pending({ db }: Context, args: string[]): Reply {
  const [key, groupName, ...rest] = args as [string, string, ...string[]]
  if (!rest.length) return summary(groupOf(db.get(key, 'stream'), key, groupName))
  if (rest.length < 3 || rest.length > 6) throw syntaxError()
  let minIdle = 0
  let range = rest
  if (rest[0]!.toUpperCase() === 'IDLE') {
    minIdle = Number(integer(rest[1]!))
    if (rest.length < 5) throw syntaxError()
    range = rest.slice(2)
  }
  const [start, end, countText, consumer] = range as [string, string, string, string?]
  const count = Math.max(0, Number(integer(countText)))
  const from = parseBound(start, 'start')
  const to = parseBound(end, 'end')
  const group = groupOf(db.get(key, 'stream'), key, groupName)
  return [...group.pending]
    .filter(([id, entry]) => {
      const idle = db.time - entry.deliveredAt
      return id >= from && id <= to && idle >= minIdle && (!consumer || entry.consumer === consumer)
    })
    .slice(0, count)
    .map(([id, entry]) => [
      formatId(id),
      entry.consumer,
      Math.max(0, db.time - entry.deliveredAt),
      entry.deliveries,
    ])
}

function summary(group: Group): Reply {
  const ids = [...group.pending.keys()]
  if (!ids.length) return [0, null, null, null]
  const counts = new Map<string, number>()
  for (const { consumer } of group.pending.values()) {
    counts.set(consumer, (counts.get(consumer) ?? 0) + 1)
  }
  const consumers = [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    ids.length,
    formatId(ids[0]!),
    formatId(ids.at(-1)!),
    consumers.map(([consumer, count]) => [consumer, String(count)]),
  ]
}
