/** Stream commands without consumer groups. */

import { type CommandTable, type Context, read, write } from '../command.ts'
import { index, integer, parseInteger } from '../numbers.ts'
import { RedisError, type Reply, syntaxError, wrongArity } from '../reply.ts'
import {
  formatId,
  idMs,
  idSequence,
  MAX_ID,
  MAX_SEQUENCE,
  makeId,
  parseBound,
  parseId,
  type Stream,
  type StreamId,
} from '../stream.ts'
import { parseTrimOptions, trim } from './stream-trim.ts'

export const streams: CommandTable = {
  xadd: write(-5, add),
  xlen: read(2, ({ db }, [key]) => db.get(key!, 'stream')?.entries.length ?? 0),
  xrange: read(-4, (context, args) => range(context, args, false)),
  xrevrange: read(-4, (context, args) => range(context, args, true)),
  xdel: write(-3, ({ db }, [key, ...texts]) => {
    const stream = db.get(key!, 'stream')
    if (!stream) return 0
    const ids = new Set(texts.map((text) => parseId(text)))
    const before = stream.entries.length
    stream.entries = stream.entries.filter(({ id }) => !ids.has(id))
    if (stream.entries.length < before) db.touched(key!)
    return before - stream.entries.length
  }),
  xtrim: write(-4, ({ db }, [key, ...words]) => {
    const { options } = parseTrimOptions(words, 'xtrim')
    const stream = db.get(key!, 'stream')
    if (!stream || !options) return 0
    const removed = trim(stream, options)
    if (removed) db.touched(key!)
    return removed
  }),
  xread: { arity: -4, kind: 'read', keys: streamKeys, handler: readStreams },
}

/** An entry as commands answer it. */
export function showEntry(entry: { id: StreamId; fields: string[] }): Reply {
  return [formatId(entry.id), entry.fields]
}

function add({ db, name }: Context, args: string[]): Reply {
  const [key, ...words] = args as [string, ...string[]]
  const { options, makeStream, rest } = parseTrimOptions(words, 'xadd', parseNewId)
  const [idText, ...fields] = rest as [string, ...string[]]
  if (!fields.length || fields.length % 2) throw wrongArity(name)
  const given = parseNewId(idText)
  if (given.sequence !== undefined && given.ms === 0n && given.sequence === 0n) {
    throw new RedisError('ERR The ID specified in XADD must be greater than 0-0')
  }
  const existing = db.get(key, 'stream')
  if (!existing && !makeStream) return null
  if (existing?.lastId === MAX_ID) {
    throw new RedisError(
      'ERR The stream has exhausted the last possible ID, unable to add more items',
    )
  }
  const id = nextId(existing?.lastId ?? 0n, given, BigInt(db.time))
  const stream = existing ?? db.getOrCreate(key, 'stream')
  stream.entries.push({ id, fields })
  stream.lastId = id
  if (options) trim(stream, options)
  db.touched(key)
  return formatId(id)
}

/** `*`, `ms-*` or a full ID. */
function parseNewId(text: string): { ms?: bigint; sequence?: bigint } {
  if (text === '*') return {}
  if (text.endsWith('-*')) return { ms: idMs(parseId(text.slice(0, -2))) }
  const id = parseId(text)
  return { ms: idMs(id), sequence: idSequence(id) }
}

function nextId(last: StreamId, given: { ms?: bigint; sequence?: bigint }, now: bigint): StreamId {
  if (given.ms === undefined) {
    const ms = now > idMs(last) ? now : idMs(last)
    return ms > idMs(last) ? makeId(ms, 0n) : last + 1n
  }
  const tooSmall = () =>
    new RedisError(
      'ERR The ID specified in XADD is equal or smaller than the target stream top item',
    )
  if (given.sequence !== undefined) {
    const id = makeId(given.ms, given.sequence)
    if (id <= last) throw tooSmall()
    return id
  }
  if (given.ms < idMs(last)) throw tooSmall()
  if (given.ms > idMs(last)) return makeId(given.ms, 0n)
  if (idSequence(last) === MAX_SEQUENCE) throw tooSmall()
  return last + 1n
}

function range({ db }: Context, args: string[], reverse: boolean): Reply {
  const [key, first, second, ...words] = args as [string, string, string, ...string[]]
  const start = parseBound(reverse ? second : first, 'start')
  const end = parseBound(reverse ? first : second, 'end')
  let count = -1
  for (let i = 0; i < words.length; i += 2) {
    if (words[i]!.toUpperCase() !== 'COUNT' || words[i + 1] === undefined) throw syntaxError()
    count = Math.max(0, index(words[i + 1]!))
  }
  const stream = db.get(key, 'stream')
  if (!stream) return []
  if (count === 0) return null
  const found = between(stream, start, end)
  if (reverse) found.reverse()
  return (count < 0 ? found : found.slice(0, count)).map(showEntry)
}

/** The entries of an interval, both ends included. */
export function between(stream: Stream, start: StreamId, end: StreamId) {
  return stream.entries.filter(({ id }) => id >= start && id <= end)
}

/** The options that XREAD and XREADGROUP share, and the streams with the IDs to read from. */
export interface ReadRequest {
  count: number
  noAck: boolean
  group?: { name: string; consumer: string }
  streams: [key: string, from: string][]
}

/** The keys of XREAD and XREADGROUP: the first half of what follows STREAMS. */
export function streamKeys(args: string[]): string[] {
  const at = args.findIndex((word) => word.toUpperCase() === 'STREAMS')
  const rest = at < 0 ? [] : args.slice(at + 1)
  return rest.slice(0, Math.floor(rest.length / 2))
}

/** Parses XREAD and XREADGROUP. BLOCK is understood and, as inside MULTI, waits for nothing. */
export function parseRead(name: string, args: string[]): ReadRequest {
  const request: ReadRequest = { count: 0, noAck: false, streams: [] }
  const grouped = name === 'xreadgroup'
  let names: string[] = []
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i]!.toUpperCase()
    const more = args.length - i - 1
    if (word === 'BLOCK' && more) {
      i += 1
      const timeout = parseInteger(args[i]!)
      if (timeout === undefined)
        throw new RedisError('ERR timeout is not an integer or out of range')
      if (timeout < 0n) throw new RedisError('ERR timeout is negative')
    } else if (word === 'COUNT' && more) {
      i += 1
      request.count = Math.max(0, Number(integer(args[i]!)))
    } else if (word === 'STREAMS' && more) {
      names = args.slice(i + 1)
      if (names.length % 2) {
        throw new RedisError(
          `ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.`,
        )
      }
      break
    } else if (word === 'GROUP' && more >= 2) {
      if (!grouped)
        throw new RedisError(
          'ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.',
        )
      request.group = { name: args[i + 1]!, consumer: args[i + 2]! }
      i += 2
    } else if (word === 'NOACK') {
      if (!grouped)
        throw new RedisError(
          'ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.',
        )
      request.noAck = true
    } else throw syntaxError()
  }
  if (!names.length) throw syntaxError()
  if (grouped && !request.group) throw new RedisError('ERR Missing GROUP option for XREADGROUP')
  const half = names.length / 2
  request.streams = names.slice(0, half).map((key, i) => [key, names[half + i]!])
  return request
}

function readStreams({ db, name }: Context, args: string[]): Reply {
  const request = parseRead(name, args)
  const sources = request.streams.map(([key, from]) => {
    const stream = db.get(key, 'stream')
    if (from === '>') {
      throw new RedisError(
        'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
      )
    }
    return { key, stream, after: from === '$' ? (stream?.lastId ?? 0n) : parseId(from) }
  })
  const reply: Reply[] = []
  for (const { key, stream, after } of sources) {
    const found = stream?.entries.filter(({ id }) => id > after) ?? []
    if (found.length) {
      reply.push([key, found.slice(0, request.count || found.length).map(showEntry)])
    }
  }
  return reply.length ? reply : null
}
