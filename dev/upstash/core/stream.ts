/** Streams: entries in the order of their IDs, and consumer groups. */

import { RedisError } from './reply.ts'

/** An entry ID as one number: milliseconds * 2^64 + sequence. */
export type StreamId = bigint

export interface Pending {
  consumer: string
  deliveredAt: number
  deliveries: number
}

export interface Group {
  lastId: StreamId
  /** What was delivered and not yet acknowledged, in the order of IDs. */
  pending: Map<StreamId, Pending>
}

export class Stream {
  /** In the order of IDs. */
  entries: { id: StreamId; fields: string[] }[] = []
  lastId: StreamId = 0n
  groups = new Map<string, Group>()
}

const SEQUENCE_BITS = 64n
export const MAX_SEQUENCE = 2n ** SEQUENCE_BITS - 1n
export const MAX_ID: StreamId = 2n ** 128n - 1n

export const makeId = (ms: bigint, sequence: bigint): StreamId => (ms << SEQUENCE_BITS) | sequence
export const idMs = (id: StreamId): bigint => id >> SEQUENCE_BITS
export const idSequence = (id: StreamId): bigint => id & MAX_SEQUENCE

export function formatId(id: StreamId): string {
  return `${idMs(id)}-${idSequence(id)}`
}

const invalidId = () => new RedisError('ERR Invalid stream ID specified as stream command argument')

/**
 * Parses `ms-seq` or `ms` (then `missingSequence` counts).
 *
 * @throws RedisError on anything else
 */
export function parseId(text: string, missingSequence = 0n): StreamId {
  // strtoull's leniency: spaces and a plus sign in front of the digits.
  const parts = /^(?!-)\s*\+?(\d+)(?:-\s*\+?(\d+))?$/.exec(text)
  if (!parts) throw invalidId()
  const ms = BigInt(parts[1]!)
  const sequence = parts[2] === undefined ? missingSequence : BigInt(parts[2])
  if (ms > MAX_SEQUENCE || sequence > MAX_SEQUENCE) throw invalidId()
  return makeId(ms, sequence)
}

/** A bound of XRANGE and its kin: `-`, `+`, an ID, or `(` and an ID. */
export function parseBound(text: string, side: 'start' | 'end'): StreamId {
  const exclusive = text.startsWith('(') && text.length > 1
  if (text === '-') return 0n
  if (text === '+') return MAX_ID
  const plain = exclusive ? text.slice(1) : text
  if (exclusive && !/^\d/.test(plain)) throw invalidId()
  const id = parseId(plain, side === 'start' ? 0n : MAX_SEQUENCE)
  if (!exclusive) return id
  if (side === 'start') {
    if (id === MAX_ID) throw new RedisError('ERR invalid start ID for the interval')
    return id + 1n
  }
  if (id === 0n) throw new RedisError('ERR invalid end ID for the interval')
  return id - 1n
}

export function cloneStream(stream: Stream): Stream {
  const copy = new Stream()
  copy.entries = stream.entries.map((entry) => ({ ...entry, fields: [...entry.fields] }))
  copy.lastId = stream.lastId
  for (const [name, group] of stream.groups) {
    copy.groups.set(name, {
      lastId: group.lastId,
      pending: new Map([...group.pending].map(([id, pending]) => [id, { ...pending }])),
    })
  }
  return copy
}
