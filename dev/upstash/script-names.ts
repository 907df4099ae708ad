/**
 * Scripts on a redis-server: the flag `allow-key-locking` is Upstash's own, and a redis-server refuses
 * it. The flag is taken out, which changes the SHA-1; clients go on using the one of their source.
 */

import { createHash } from 'node:crypto'
import type { Reply } from './core/reply.ts'

interface Rewritten {
  command: string[]
  /** Makes the reply that of the original command. */
  restore(reply: Reply): Reply
}

export class ScriptNames {
  /** SHA-1 of the client's source → SHA-1 of what the redis-server knows. */
  readonly #actual = new Map<string, string>()

  /** Runs a command in its rewritten form. */
  async translated(command: string[], run: (command: string[]) => Promise<Reply>): Promise<Reply> {
    const { command: actual, restore } = this.rewrite(command)
    return restore(await run(actual))
  }

  /** What to send to the redis-server instead of the command. */
  rewrite(command: string[]): Rewritten {
    const same = (reply: Reply) => reply
    const [name = '', first = '', ...rest] = command
    switch (name.toLowerCase()) {
      case 'eval':
      case 'eval_ro':
        return { command: [name, this.#source(first), ...rest], restore: same }
      case 'evalsha':
      case 'evalsha_ro':
        return { command: [name, this.#sha(first), ...rest], restore: same }
      case 'script':
        return this.#rewriteScript(first.toLowerCase(), rest) ?? { command, restore: same }
      default:
        return { command, restore: same }
    }
  }

  #rewriteScript(action: string, rest: string[]): Rewritten | undefined {
    if (action === 'load' && rest.length === 1) {
      const source = rest[0]!
      return {
        command: ['SCRIPT', 'LOAD', this.#source(source)],
        restore: (reply) => (typeof reply === 'string' ? sha1(source) : reply),
      }
    }
    if (action === 'exists') {
      return {
        command: ['SCRIPT', 'EXISTS', ...rest.map((sha) => this.#sha(sha))],
        restore: (reply) => reply,
      }
    }
    if (action === 'flush') this.#actual.clear()
    return undefined
  }

  #source(source: string): string {
    const rewritten = withoutKeyLocking(source)
    if (rewritten !== source) this.#actual.set(sha1(source), sha1(rewritten))
    return rewritten
  }

  #sha(sha: string): string {
    return this.#actual.get(sha.toLowerCase()) ?? sha
  }
}

/** Takes the flag out of the first line; its line break stays, so that line numbers stay right. */
export function withoutKeyLocking(source: string): string {
  return source.replace(/^#!lua[^\n]*/, (line) =>
    line.replace(/ flags=(\S*)/, (_, flags: string) => {
      const others = flags.split(',').filter((flag) => flag !== 'allow-key-locking')
      return others.length ? ` flags=${others.join(',')}` : ''
    }),
  )
}

function sha1(source: string): string {
  return createHash('sha1').update(source, 'latin1').digest('hex')
}
