/** What is read off a script's source before it is compiled. */

import { RedisError } from '../reply.ts'

const FLAGS = [
  'no-writes',
  'allow-oom',
  'allow-stale',
  'no-cluster',
  'allow-cross-slot-keys',
  // Upstash's own: the script touches the keys in KEYS only.
  'allow-key-locking',
]

/**
 * Reads the `#!lua flags=…` line.
 *
 * @returns the flags, and the source without that line (its line break stays, so that the numbers of
 *   lines in errors are right)
 * @throws RedisError where Redis 7.0 refuses the line
 */
export function readShebang(source: string): { flags: Set<string>; body: string } {
  if (!source.startsWith('#!')) return { flags: new Set(), body: source }
  const end = source.indexOf('\n')
  if (end < 0) throw new RedisError('ERR Invalid script shebang')
  const [engine, ...options] = source.slice(0, end).split(' ')
  if (engine !== '#!lua') {
    throw new RedisError(`ERR Unexpected engine in script shebang: ${engine}`)
  }
  const flags = new Set<string>()
  for (const option of options) {
    if (!option.startsWith('flags=')) {
      throw new RedisError(`ERR Unknown lua shebang option: ${option}`)
    }
    if (option === 'flags=') continue
    for (const flag of option.slice('flags='.length).split(',')) {
      if (!FLAGS.includes(flag)) {
        throw new RedisError(`ERR Unexpected flag in script shebang: ${flag}`)
      }
      flags.add(flag)
    }
  }
  return { flags, body: source.slice(end) }
}

const COMMENTS_AND_TEXTS =
  /--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|\[(=*)\[[\s\S]*?\]\2\]|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g

/** What Lua 5.3 understands and Redis's 5.1 does not: integer division, bit operators, goto, labels. */
const NEWER_SYNTAX = /\/\/|<<|>>|[&|]|~(?!=)|::|\bgoto\s+[A-Za-z_]/

/**
 * Finds syntax that is newer than Lua 5.1, which would pass here and fail in production.
 *
 * @returns the error text of the compiler, or `undefined`
 */
export function newerSyntax(body: string): string | undefined {
  const code = body.replace(COMMENTS_AND_TEXTS, (match) => match.replace(/[^\n]/g, ' '))
  const found = NEWER_SYNTAX.exec(code)
  if (!found) return undefined
  const line = code.slice(0, found.index).split('\n').length
  return `user_script:${line}: unexpected symbol near '${found[0]}'`
}
