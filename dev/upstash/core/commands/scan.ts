/**
 * SCAN and its kin. Redis promises that what is there during the whole scan is answered. Here elements
 * are walked in the order of a hash of their name, and the cursor is the hash to go on from: that
 * order does not move when others come and go.
 */

import { type CommandTable, type Handler, read } from '../command.ts'
import { globMatch } from '../glob.ts'
import type { Keyspace } from '../keyspace.ts'
import { formatDouble, integer } from '../numbers.ts'
import { RedisError, type Reply, syntaxError } from '../reply.ts'

/** Redis keeps small collections in one piece, and answers them in one piece whatever COUNT says. */
const SMALL_COLLECTION = 128

interface ScanOptions {
  count: number
  match?: string
  type?: string
}

export const scans: CommandTable = {
  scan: {
    arity: -2,
    kind: 'read',
    handler: ({ db }, args) => {
      const cursor = parseCursor(args[0]!)
      const options = parseOptions(args.slice(1), true)
      const [next, page] = walk(db.keys(), cursor, options.count)
      const wanted = page.filter(
        (key) => matches(options, key) && (!options.type || db.entry(key)?.type === options.type),
      )
      return [next, wanted]
    },
  },
  hscan: read(
    -3,
    scanKey((db, key) => {
      const hash = db.get(key, 'hash')
      return hash && { names: [...hash.keys()], show: (field) => [field, hash.get(field)!] }
    }),
  ),
  sscan: read(
    -3,
    scanKey((db, key) => {
      const set = db.get(key, 'set')
      return set && { names: [...set], show: (member) => [member] }
    }),
  ),
  zscan: read(
    -3,
    scanKey((db, key) => {
      const set = db.get(key, 'zset')
      return (
        set && {
          names: [...set.order],
          show: (member) => [member, showScore(set.score(member))],
        }
      )
    }),
  ),
}

/** Small sets keep whole scores as integers, and ZSCAN shows them as they are kept. */
function showScore(score: number): string {
  return Number.isInteger(score) && Math.abs(score) < 2 ** 63
    ? String(BigInt(score))
    : formatDouble(score)
}

type Collection = { names: string[]; show(name: string): Reply[] }

function scanKey(open: (db: Keyspace, key: string) => Collection | undefined): Handler {
  return ({ db }, args) => {
    const cursor = parseCursor(args[1]!)
    const collection = open(db, args[0]!)
    if (!collection) return ['0', []]
    const options = parseOptions(args.slice(2), false)
    const small = collection.names.length <= SMALL_COLLECTION
    const [next, page] = small
      ? ['0', collection.names]
      : walk(collection.names, cursor, options.count)
    const wanted = page.filter((name) => matches(options, name))
    return [next, wanted.flatMap((name) => collection.show(name))]
  }
}

function matches(options: ScanOptions, name: string): boolean {
  return options.match === undefined || globMatch(options.match, name)
}

function parseCursor(text: string): number {
  if (text === '') return 0
  if (!/^[+-]?\d+$/.test(text)) throw new RedisError('ERR invalid cursor')
  if (BigInt(text) >= 2n ** 64n) throw new RedisError('ERR invalid cursor')
  return Number(text)
}

function parseOptions(args: string[], typeAllowed: boolean): ScanOptions {
  const options: ScanOptions = { count: 10 }
  for (let i = 0; i < args.length; i += 2) {
    const value = args[i + 1]
    if (value === undefined) throw syntaxError()
    const word = args[i]!.toUpperCase()
    if (word === 'COUNT') {
      const count = integer(value)
      if (count < 1n) throw syntaxError()
      options.count = Number(count)
    } else if (word === 'MATCH') options.match = value
    else if (word === 'TYPE' && typeAllowed) options.type = value.toLowerCase()
    else throw syntaxError()
  }
  return options
}

/** One page from the cursor on; elements of equal hash are never parted. */
function walk(names: string[], cursor: number, count: number): [next: string, page: string[]] {
  const rest = names
    .map((name): [number, string] => [hash(name), name])
    .filter(([position]) => position >= cursor)
    .sort(([a], [b]) => a - b)
  let end = Math.min(count, rest.length)
  while (end < rest.length && rest[end]![0] === rest[end - 1]![0]) end += 1
  const next = end < rest.length ? String(rest[end]![0]) : '0'
  return [next, rest.slice(0, end).map(([, name]) => name)]
}

/** FNV-1a, never 0: the cursor 0 means start and end. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  }
  return (value >>> 0) + 1
}
