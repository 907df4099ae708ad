/** The options that SET and GETEX share. */

import type { Context } from '../command.ts'
import { integer, MAX_INT64 } from '../numbers.ts'
import { RedisError, syntaxError } from '../reply.ts'

type Unit = 'EX' | 'PX' | 'EXAT' | 'PXAT'

export interface StringOptions {
  condition?: 'NX' | 'XX'
  get: boolean
  keepTtl: boolean
  persist: boolean
  expiry?: { unit: Unit; time: string }
}

/** Parses the options after key and value; throws a syntax error on anything else or on conflicts. */
export function parseStringOptions(args: string[], command: 'set' | 'getex'): StringOptions {
  const options: StringOptions = { get: false, keepTtl: false, persist: false }
  const timeless = () => !options.expiry && !options.keepTtl && !options.persist
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i]!.toUpperCase()
    const next = args[i + 1]
    if (command === 'set' && (word === 'NX' || word === 'XX')) {
      if (options.condition && options.condition !== word) throw syntaxError()
      options.condition = word
    } else if (command === 'set' && word === 'GET') options.get = true
    else if (command === 'set' && word === 'KEEPTTL' && !options.expiry) options.keepTtl = true
    else if (command === 'getex' && word === 'PERSIST' && !options.expiry) options.persist = true
    else if (isUnit(word) && next !== undefined && (timeless() || sameUnit(options, word))) {
      options.expiry = { unit: word, time: next }
      i += 1
    } else throw syntaxError()
  }
  return options
}

function isUnit(word: string): word is Unit {
  return word === 'EX' || word === 'PX' || word === 'EXAT' || word === 'PXAT'
}

/** Redis lets the same unit be given again; the last time counts. */
function sameUnit(options: StringOptions, unit: Unit): boolean {
  return options.expiry?.unit === unit && !options.keepTtl && !options.persist
}

/** When the option makes the key expire, in ms; throws `invalid expire time` where Redis does. */
export function expiryTime(context: Context, expiry: { unit: Unit; time: string }): number {
  let ms = integer(expiry.time)
  const invalid = () => new RedisError(`ERR invalid expire time in '${context.name}' command`)
  if (ms <= 0n) throw invalid()
  if (expiry.unit.startsWith('EX')) {
    if (ms > MAX_INT64 / 1000n) throw invalid()
    ms *= 1000n
  }
  if (expiry.unit.endsWith('AT')) return Number(ms)
  const base = BigInt(context.db.time)
  if (ms > MAX_INT64 - base) throw invalid()
  return Number(ms + base)
}
