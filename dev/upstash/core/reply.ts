/** What a command answers, and the errors that it can raise. Texts are those of Redis 7.0. */

/** A reply. Text is binary: one character per byte (latin1). `null` is RESP's nil. */
export type Reply = null | number | bigint | string | Status | RedisError | Reply[]

/** A simple string such as `OK`, which Redis keeps apart from bulk strings. */
export class Status {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** An error reply. The message holds the error code too, e.g. `ERR syntax error`. */
export class RedisError extends Error {}

export const OK = new Status('OK')

export const syntaxError = () => new RedisError('ERR syntax error')
export const notInteger = () => new RedisError('ERR value is not an integer or out of range')
export const notFloat = () => new RedisError('ERR value is not a valid float')
export const notPositive = () => new RedisError('ERR value is out of range, must be positive')
export const noSuchKey = () => new RedisError('ERR no such key')
export const wrongType = () =>
  new RedisError('WRONGTYPE Operation against a key holding the wrong kind of value')
export const wrongArity = (command: string) =>
  new RedisError(`ERR wrong number of arguments for '${command}' command`)

/** What C's `%.*s` prints of a text: a NUL ends it. */
export function cText(text: string, length = text.length): string {
  return text.split('\0')[0]!.slice(0, length)
}
