/** Taking over what another consumer left unacknowledged. */

import { type CommandTable, type Context, write } from '../command.ts'
import { MAX_INT64, parseInteger } from '../numbers.ts'
import { RedisError, type Reply, syntaxError } from '../reply.ts'
import { formatId, type Group, parseBound, parseId, type Stream, type StreamId } from '../stream.ts'
import { groupOf, setPending } from './stream-groups.ts'
import { showEntry } from './streams.ts'

export const streamClaims: CommandTable = {
  xclaim: write(-6, claim),
  xautoclaim: write(-6, autoClaim),
}

function idleTime(text: string, command: string): number {
  const value = parseInteger(text)
  if (value === undefined) {
    throw new RedisError(`ERR Invalid min-idle-time argument for ${command}`)
  }
  return Math.max(0, Number(value))
}

/** The first word that is no ID begins the options. */
function isId(word: string): boolean {
  try {
    parseId(word)
    return true
  } catch {
    return false
  }
}

interface ClaimOptions {
  deliveredAt: number
  retryCount?: number
  force: boolean
  justId: boolean
  lastId?: StreamId
}

function claim({ db }: Context, args: string[]): Reply {
  const [key, groupName, consumer, idleText, ...rest] = args as [string, string, string, string]
  const stream = db.get(key, 'stream')
  const group = groupOf(stream, key, groupName)
  const minIdle = idleTime(idleText, 'XCLAIM')
  const words: string[] = rest
  let end = 0
  while (end < words.length && isId(words[end]!)) end += 1
  const ids = words.slice(0, end).map((word) => parseId(word))
  const options = parseClaimOptions(words.slice(end), db.time)
  if (options.lastId !== undefined && options.lastId > group.lastId) {
    group.lastId = options.lastId
    db.touched(key)
  }
  const reply: Reply[] = []
  for (const id of ids) {
    const entry = stream!.entries.find((candidate) => candidate.id === id)
    let pending = group.pending.get(id)
    if (!entry) {
      if (pending) {
        group.pending.delete(id)
        db.touched(key)
      }
      continue
    }
    if (!pending && options.force) {
      pending = { consumer: '', deliveredAt: 0, deliveries: 1 }
      setPending(group, id, pending)
    }
    if (!pending || (pending.consumer && db.time - pending.deliveredAt < minIdle)) continue
    pending.consumer = consumer
    pending.deliveredAt = options.deliveredAt
    if (options.retryCount !== undefined) pending.deliveries = options.retryCount
    else if (!options.justId) pending.deliveries += 1
    reply.push(options.justId ? formatId(id) : showEntry(entry))
    db.touched(key)
  }
  return reply
}

function parseClaimOptions(words: string[], now: number): ClaimOptions {
  const options: ClaimOptions = { deliveredAt: now, force: false, justId: false }
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]!.toUpperCase()
    const value = words[i + 1]
    if (word === 'FORCE') options.force = true
    else if (word === 'JUSTID') options.justId = true
    else if (value === undefined) throw unrecognized(words[i]!)
    else {
      i += 1
      if (word === 'IDLE')
        options.deliveredAt = now - number(value, 'Invalid IDLE option argument for XCLAIM')
      else if (word === 'TIME')
        options.deliveredAt = number(value, 'Invalid TIME option argument for XCLAIM')
      else if (word === 'RETRYCOUNT') {
        options.retryCount = number(value, 'Invalid RETRYCOUNT option argument for XCLAIM')
      } else if (word === 'LASTID') options.lastId = parseId(value)
      else throw unrecognized(words[i - 1]!)
    }
  }
  // A delivery in the future would make the idle time negative.
  options.deliveredAt = Math.min(options.deliveredAt, now)
  if (options.deliveredAt < 0) options.deliveredAt = now
  return options
}

function unrecognized(word: string): RedisError {
  return new RedisError(`ERR Unrecognized XCLAIM option '${word}'`)
}

function number(text: string, message: string): number {
  const value = parseInteger(text)
  if (value === undefined) throw new RedisError(`ERR ${message}`)
  return Number(value)
}

/** What Redis can reserve memory for: 16 bytes each. */
const MAX_AUTO_COUNT = MAX_INT64 / 16n

function autoClaim({ db }: Context, args: string[]): Reply {
  const [key, groupName, consumer, idleText, startText, ...words] = args as [
    string,
    string,
    string,
    string,
    string,
  ]
  const minIdle = idleTime(idleText, 'XAUTOCLAIM')
  const start = parseBound(startText, 'start')
  const { count, justId } = parseAutoOptions(words)
  const stream = db.get(key, 'stream')
  const group = groupOf(stream, key, groupName)
  const { next, claimed, deleted } = sweep(stream!, group, {
    consumer,
    minIdle,
    start,
    count,
    justId,
    now: db.time,
  })
  if (claimed.length || deleted.length) db.touched(key)
  return [formatId(next), claimed, deleted]
}

function parseAutoOptions(words: string[]): { count: number; justId: boolean } {
  let count = 100
  let justId = false
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]!.toUpperCase()
    if (word === 'COUNT' && words[i + 1] !== undefined) {
      i += 1
      const value = parseInteger(words[i]!)
      if (value === undefined || value < 1n || value > MAX_AUTO_COUNT)
        throw new RedisError('ERR COUNT must be > 0')
      count = Number(value)
    } else if (word === 'JUSTID') justId = true
    else throw syntaxError()
  }
  return { count, justId }
}

interface Sweep {
  consumer: string
  minIdle: number
  start: StreamId
  count: number
  justId: boolean
  now: number
}

/** One step of XAUTOCLAIM: it looks at ten times as many entries as it may claim. */
function sweep(stream: Stream, group: Group, wanted: Sweep) {
  const claimed: Reply[] = []
  const deleted: Reply[] = []
  let attempts = wanted.count * 10
  let left = wanted.count
  let next = 0n
  for (const [id, pending] of [...group.pending].filter(([id]) => id >= wanted.start)) {
    if (attempts === 0 || left === 0) {
      next = id
      break
    }
    attempts -= 1
    const entry = stream.entries.find((candidate) => candidate.id === id)
    if (!entry) {
      group.pending.delete(id)
      deleted.push(formatId(id))
      left -= 1
      continue
    }
    if (wanted.now - pending.deliveredAt < wanted.minIdle) continue
    pending.consumer = wanted.consumer
    pending.deliveredAt = wanted.now
    if (!wanted.justId) pending.deliveries += 1
    claimed.push(wanted.justId ? formatId(id) : showEntry(entry))
    left -= 1
  }
  return { next, claimed, deleted }
}
