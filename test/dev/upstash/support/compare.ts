/** Makes the replies of two Redises comparable. */

import { RedisError, type Reply, Status } from '../../../../dev/upstash/core/reply.ts'
import { utf8 } from '../../../../dev/upstash/wire.ts'

export type Plain = null | number | string | Plain[]

/** Errors as `!` and their text, statuses as text, integers as numbers. */
export function plain(reply: Reply): Plain {
  if (reply === null || typeof reply === 'string') return reply
  // The RESP client of the tests rounds beyond 2^53 in its own way.
  if (typeof reply === 'number' || typeof reply === 'bigint') {
    return Number.isSafeInteger(Number(reply)) ? Number(reply) : Number(reply).toPrecision(12)
  }
  if (reply instanceof Status) return reply.text
  if (reply instanceof RedisError) return `!${utf8(reply.message)}`
  return reply.map(plain)
}

/** Commands whose replies have no order. */
const UNORDERED = new Set(
  'smembers sunion sinter sdiff keys hgetall hkeys hvals spop srandmember hrandfield'.split(' '),
)
const SCANS = new Set('scan hscan sscan zscan'.split(' '))
const TIMES = new Set('ttl pttl'.split(' '))

/** Takes out what may differ: the order where there is none, and the time that passed. */
export function comparable(command: string[], reply: Plain): Plain {
  const name = command[0]!.toLowerCase()
  if (Array.isArray(reply)) {
    if (UNORDERED.has(name)) return reply.toSorted(order)
    if (SCANS.has(name)) return [reply[0]!, (reply[1] as Plain[]).toSorted(order)]
    if (name === 'xpending' && command.length > 3) {
      return reply.map((entry) => (Array.isArray(entry) ? entry.with(2, 0) : entry))
    }
    if (/^(eval|evalsha)(_ro)?$/.test(name)) return reply.toSorted(order)
  }
  // Times given absolutely are far in the future; the others depend on when the command ran.
  const seconds = name === 'expiretime' ? reply : name === 'pexpiretime' ? Number(reply) / 1000 : 0
  if (typeof seconds === 'number' && seconds > 1 && seconds < 3e9) return 'relative'
  if (TIMES.has(name) && typeof reply === 'number' && reply > 0) {
    return Math.round(reply / (name === 'ttl' ? 100 : 100_000))
  }
  return reply
}

function order(a: Plain, b: Plain): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
