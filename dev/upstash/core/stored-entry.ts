/** A key as JSON, for snapshots. */

import type { Entry, Keyspace } from './keyspace.ts'
import { formatDouble } from './numbers.ts'
import { SortedSet } from './sorted-set.ts'
import { formatId, parseId, Stream } from './stream.ts'

interface StoredStream {
  entries: [id: string, fields: string[]][]
  lastId: string
  groups: {
    name: string
    lastId: string
    pending: [id: string, consumer: string, deliveredAt: number, deliveries: number][]
  }[]
}

type StoredValue =
  | { type: 'string'; value: string }
  | { type: 'hash'; value: [string, string][] }
  | { type: 'set' | 'list'; value: string[] }
  /** Scores as text: JSON knows no infinity. */
  | { type: 'zset'; value: [member: string, score: string][] }
  | { type: 'stream'; value: StoredStream }

export type StoredEntry = { key: string; expireAt?: number | undefined } & StoredValue

/** Makes a key storable. */
export function storeEntry(key: string, entry: Entry): StoredEntry {
  return { key, expireAt: entry.expireAt, ...storeValue(entry) }
}

function storeValue(entry: Entry): StoredValue {
  switch (entry.type) {
    case 'string':
      return { type: entry.type, value: entry.value }
    case 'list':
    case 'set':
    case 'hash':
      return { type: entry.type, value: [...entry.value] } as StoredValue
    case 'zset': {
      const scores = [...entry.value.scores]
      return {
        type: entry.type,
        value: scores.map(([member, score]) => [member, formatDouble(score)]),
      }
    }
    case 'stream':
      return { type: entry.type, value: storeStream(entry.value) }
  }
}

function storeStream(stream: Stream): StoredStream {
  return {
    entries: stream.entries.map(({ id, fields }) => [formatId(id), fields]),
    lastId: formatId(stream.lastId),
    groups: [...stream.groups].map(([name, group]) => ({
      name,
      lastId: formatId(group.lastId),
      pending: [...group.pending].map(([id, { consumer, deliveredAt, deliveries }]) => [
        formatId(id),
        consumer,
        deliveredAt,
        deliveries,
      ]),
    })),
  }
}

/** Puts a stored key back. */
export function restoreEntry(db: Keyspace, stored: StoredEntry): void {
  db.entries.set(stored.key, { ...restoreValue(stored), expireAt: stored.expireAt })
}

function restoreValue(stored: StoredValue): Entry {
  switch (stored.type) {
    case 'string':
    case 'list':
      return stored as Entry
    case 'set':
      return { type: stored.type, value: new Set(stored.value) }
    case 'hash':
      return { type: stored.type, value: new Map(stored.value) }
    case 'zset': {
      const value = new SortedSet()
      for (const [member, score] of stored.value) value.set(member, parseScore(score))
      return { type: stored.type, value }
    }
    case 'stream':
      return { type: stored.type, value: restoreStream(stored.value) }
  }
}

function parseScore(text: string): number {
  if (text === 'inf') return Infinity
  return text === '-inf' ? -Infinity : Number(text)
}

function restoreStream(stored: StoredStream): Stream {
  const stream = new Stream()
  stream.entries = stored.entries.map(([id, fields]) => ({ id: parseId(id), fields }))
  stream.lastId = parseId(stored.lastId)
  for (const { name, lastId, pending } of stored.groups) {
    stream.groups.set(name, {
      lastId: parseId(lastId),
      pending: new Map(
        pending.map(([id, consumer, deliveredAt, deliveries]) => [
          parseId(id),
          { consumer, deliveredAt, deliveries },
        ]),
      ),
    })
  }
  return stream
}
