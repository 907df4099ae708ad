/** The trimming options that XADD and XTRIM share. */

import { integer } from '../numbers.ts'
import { RedisError, syntaxError } from '../reply.ts'
import { parseId, type Stream, type StreamId } from '../stream.ts'

export type TrimOptions =
  | { by: 'MAXLEN'; keep: number; approximate: boolean; limit: number }
  | { by: 'MINID'; from: StreamId; approximate: boolean; limit: number }

/** Redis trims whole nodes of 100 entries when it may be approximate. */
const NODE_ENTRIES = 100

/**
 * Parses the options in front of XADD's ID, or all of XTRIM's.
 *
 * @param checkId throws if XADD's ID is none
 * @returns the trimming wanted, whether XADD may create the stream, and the words left over
 */
export function parseTrimOptions(
  words: string[],
  command: 'xadd' | 'xtrim',
  checkId: (text: string) => unknown = () => undefined,
) {
  let options: TrimOptions | undefined
  let makeStream = true
  let limit: number | undefined
  let i = 0
  for (; i < words.length; i += 1) {
    const word = words[i]!.toUpperCase()
    const more = words.length - i - 1
    if (command === 'xadd' && words[i] === '*') break
    if ((word === 'MAXLEN' || word === 'MINID') && more) {
      if (options) {
        throw new RedisError(
          'ERR syntax error, MAXLEN and MINID options at the same time are not compatible',
        )
      }
      const sign = words[i + 1]!
      const signed = more >= 2 && (sign === '~' || sign === '=')
      i += signed ? 2 : 1
      options = threshold(word, words[i]!, signed && sign === '~')
    } else if (word === 'LIMIT' && more) {
      i += 1
      limit = Number(integer(words[i]!))
      if (limit < 0) throw new RedisError('ERR The LIMIT argument must be >= 0.')
    } else if (command === 'xadd' && word === 'NOMKSTREAM') makeStream = false
    else if (command === 'xadd') {
      // Redis reads the ID here, so that its errors come before those of the options.
      checkId(words[i]!)
      break
    } else throw syntaxError()
  }
  if (limit !== undefined && !options) {
    throw new RedisError(
      'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy',
    )
  }
  if (command === 'xtrim' && !options) {
    throw new RedisError('ERR syntax error, XTRIM must be called with at least one option')
  }
  if (limit !== undefined && !options?.approximate) {
    throw new RedisError('ERR syntax error, LIMIT cannot be used without the special ~ option')
  }
  if (options) options.limit = limit ?? (options.approximate ? 100 * NODE_ENTRIES : 0)
  return { options, makeStream, rest: words.slice(i) }
}

function threshold(by: 'MAXLEN' | 'MINID', text: string, approximate: boolean): TrimOptions {
  if (by === 'MINID') return { by, from: parseId(text), approximate, limit: 0 }
  const keep = integer(text)
  if (keep < 0n) throw new RedisError('ERR The MAXLEN argument must be >= 0.')
  return { by, keep: Number(keep), approximate, limit: 0 }
}

/** Removes the oldest entries; answers how many went. */
export function trim(stream: Stream, options: TrimOptions): number {
  const { entries } = stream
  let surplus =
    options.by === 'MAXLEN'
      ? Math.max(0, entries.length - options.keep)
      : entries.findIndex(({ id }) => id >= options.from)
  if (surplus < 0) surplus = entries.length
  if (options.approximate) {
    if (options.limit) surplus = Math.min(surplus, options.limit)
    // The last node goes only if all of it may.
    if (surplus < entries.length) surplus -= surplus % NODE_ENTRIES
  }
  entries.splice(0, surplus)
  return surplus
}
