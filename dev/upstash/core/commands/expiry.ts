/** Expiry commands. */

import { type CommandTable, type Context, type Handler, read, write } from '../command.ts'
import { integer, MAX_INT64, MIN_INT64 } from '../numbers.ts'
import { RedisError } from '../reply.ts'

export const expiry: CommandTable = {
  expire: write(-3, setExpiry('s', true)),
  pexpire: write(-3, setExpiry('ms', true)),
  expireat: write(-3, setExpiry('s', false)),
  pexpireat: write(-3, setExpiry('ms', false)),
  ttl: read(
    2,
    getExpiry((at, now) => Math.floor((Math.max(at - now, 0) + 500) / 1000)),
  ),
  pttl: read(
    2,
    getExpiry((at, now) => Math.max(at - now, 0)),
  ),
  expiretime: read(
    2,
    getExpiry((at) => Math.floor((at + 500) / 1000)),
  ),
  pexpiretime: read(
    2,
    getExpiry((at) => at),
  ),
  persist: write(2, ({ db }, [key]) => {
    const entry = db.entry(key!)
    if (entry?.expireAt === undefined) return 0
    entry.expireAt = undefined
    db.changes += 1
    return 1
  }),
}

function setExpiry(unit: 's' | 'ms', relative: boolean): Handler {
  return (context, args) => {
    const { db } = context
    const key = args[0]!
    const conditions = parseConditions(args.slice(2))
    const at = expiryTime(context, integer(args[1]!), unit, relative)
    const entry = db.entry(key)
    if (!entry) return 0
    const current = entry.expireAt
    if (conditions.has('NX') && current !== undefined) return 0
    if (conditions.has('XX') && current === undefined) return 0
    // No expiry counts as an infinite one.
    if (conditions.has('GT') && (current === undefined || at <= current)) return 0
    if (conditions.has('LT') && current !== undefined && at >= current) return 0
    db.expire(key, at)
    return 1
  }
}

function parseConditions(words: string[]): Set<string> {
  const found = new Set<string>()
  for (const word of words) {
    const upper = word.toUpperCase()
    if (!['NX', 'XX', 'GT', 'LT'].includes(upper)) {
      throw new RedisError(`ERR Unsupported option ${word}`)
    }
    found.add(upper)
  }
  if (found.has('NX') && found.size > 1) {
    throw new RedisError('ERR NX and XX, GT or LT options at the same time are not compatible')
  }
  if (found.has('GT') && found.has('LT')) {
    throw new RedisError('ERR GT and LT options at the same time are not compatible')
  }
  return found
}

function expiryTime(context: Context, time: bigint, unit: 's' | 'ms', relative: boolean): number {
  const invalid = () => new RedisError(`ERR invalid expire time in '${context.name}' command`)
  if (unit === 's' && (time > MAX_INT64 / 1000n || time < MIN_INT64 / 1000n)) throw invalid()
  const ms = unit === 's' ? time * 1000n : time
  const base = relative ? BigInt(context.db.time) : 0n
  if (ms > MAX_INT64 - base) throw invalid()
  return Number(ms + base)
}

/** -2 without a key, -1 without an expiry, else what `read` makes of it. */
function getExpiry(show: (at: number, now: number) => number): Handler {
  return ({ db }, [key]) => {
    const entry = db.entry(key!)
    if (!entry) return -2
    return entry.expireAt === undefined ? -1 : show(entry.expireAt, db.time)
  }
}
