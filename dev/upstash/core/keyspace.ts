/** The keys of the embedded Redis, their types and their expiry. */

import { RedisError, wrongType } from './reply.ts'
import { SortedSet } from './sorted-set.ts'
import { Stream } from './stream.ts'

/** The values of keys by type; the names are those that TYPE answers. */
interface Values {
  string: string
  hash: Map<string, string>
  set: Set<string>
  zset: SortedSet
  list: string[]
  stream: Stream
}

export type TypeName = keyof Values
export type Value = { [T in TypeName]: { type: T; value: Values[T] } }[TypeName]

/** A key's value and the time (ms) at which it expires. */
export type Entry = Value & { expireAt?: number | undefined }

export class Keyspace {
  readonly entries = new Map<string, Entry>()
  /** Counts changes: a command that leaves it as it was has written nothing. */
  changes = 0
  /** The time of the running command in ms: frozen, so that a script sees one moment only. */
  time = 0

  /** The live entry of a key; an expired one is removed on the way. */
  entry(key: string): Entry | undefined {
    const entry = this.entries.get(key)
    if (!entry) return undefined
    if (entry.expireAt === undefined || this.time <= entry.expireAt) return entry
    this.entries.delete(key)
    return undefined
  }

  /** The value of a key that must be of that type; throws WRONGTYPE otherwise. */
  get<T extends TypeName>(key: string, type: T): Values[T] | undefined {
    const entry = this.entry(key)
    if (!entry) return undefined
    if (entry.type !== type) throw wrongType()
    return entry.value as Values[T]
  }

  /** Like {@link get}, and creates an empty container where there is none. */
  getOrCreate<T extends Exclude<TypeName, 'string'>>(key: string, type: T): Values[T] {
    const existing = this.get(key, type)
    if (existing !== undefined) return existing
    const entry = emptyEntry(type)
    this.entries.set(key, entry)
    return entry.value as Values[T]
  }

  /** Replaces the key's value; the expiry goes, unless it is to be kept. */
  put(key: string, value: Value, keepExpiry = false): void {
    const expireAt = keepExpiry ? this.entry(key)?.expireAt : undefined
    this.entries.set(key, { ...value, expireAt })
    this.changes += 1
  }

  /** Removes a key; answers whether it was there. */
  delete(key: string): boolean {
    if (!this.entry(key)) return false
    this.changes += 1
    return this.entries.delete(key)
  }

  /** Notes a change of a container, and removes the key if the container became empty. */
  touched(key: string): void {
    this.changes += 1
    const entry = this.entries.get(key)
    if (entry && isEmpty(entry)) this.entries.delete(key)
  }

  /** Sets the expiry, or removes the key if that time has come. */
  expire(key: string, at: number): void {
    const entry = this.entry(key)
    if (!entry) return
    this.changes += 1
    if (at <= this.time) this.entries.delete(key)
    else entry.expireAt = at
  }

  /** All live keys. */
  keys(): string[] {
    return [...this.entries.keys()].filter((key) => this.entry(key))
  }

  clear(): void {
    this.entries.clear()
    this.changes += 1
  }
}

function emptyEntry(type: Exclude<TypeName, 'string'>): Entry {
  switch (type) {
    case 'hash':
      return { type, value: new Map() }
    case 'set':
      return { type, value: new Set() }
    case 'zset':
      return { type, value: new SortedSet() }
    case 'list':
      return { type, value: [] }
    case 'stream':
      return { type, value: new Stream() }
    default:
      throw new RedisError('ERR unknown type')
  }
}

/** Empty containers do not exist in Redis; strings and streams may be empty. */
function isEmpty(entry: Entry): boolean {
  if (entry.type === 'list') return entry.value.length === 0
  if (entry.type === 'string' || entry.type === 'stream') return false
  return entry.value.size === 0
}
