/** Reads what a request of Upstash's REST protocol wants. */

import { binary } from './wire.ts'

/** A request's path and query as they were sent: a URL object would fold `/a/../b`. */
export interface Target {
  path: string
  query: string
}

export function parseTarget(url: string): Target {
  const at = url.indexOf('?')
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at + 1) }
}

export type Operation =
  | { kind: 'command'; command: string[] }
  | { kind: 'pipeline' | 'multi-exec'; commands: string[][] }
  | { kind: 'subscribe' | 'psubscribe'; names: string[] }
  | { kind: 'monitor' }

/** A request that is refused before it reaches Redis. */
export class RequestError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const badRequest = (message: string) => new RequestError(400, `ERR ${message}`)

/**
 * Reads method, path, query and body.
 *
 * @throws RequestError
 */
export function parseOperation(method: string, target: Target, body: Buffer): Operation {
  const withBody = method === 'POST' || method === 'PUT'
  const segments = target.path.split('/').slice(1)
  if (segments.at(-1) === '') segments.pop()
  const [first] = segments
  if (first === undefined) {
    if (!withBody) throw badRequest('empty command')
    return { kind: 'command', command: parseCommand(parseJson(body)) }
  }
  if (segments.length === 1 && (first === 'pipeline' || first === 'multi-exec')) {
    if (!withBody) throw new RequestError(405, `ERR ${first} needs POST or PUT`)
    return { kind: first, commands: parseCommands(parseJson(body)) }
  }
  const words = segments.map(decode)
  const name = words[0]!.toLowerCase()
  if (name === 'monitor') return { kind: name }
  if (name === 'subscribe' || name === 'psubscribe') {
    if (words.length < 2) throw badRequest(`wrong number of arguments for '${name}' command`)
    return { kind: name, names: words.slice(1) }
  }
  if (withBody && body.length) words.push(body.toString('latin1'))
  return { kind: 'command', command: [...words, ...queryWords(target.query)] }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw badRequest('failed to parse command: the body is no JSON')
  }
}

function parseCommands(value: unknown): string[][] {
  if (!Array.isArray(value) || !value.length) {
    throw badRequest('failed to parse commands: an array of commands is expected')
  }
  return value.map(parseCommand)
}

function parseCommand(value: unknown): string[] {
  if (!Array.isArray(value)) throw badRequest('failed to parse command: an array is expected')
  if (!value.length || value[0] === '') throw badRequest('empty command')
  return value.map((argument: unknown) => {
    if (typeof argument === 'string') return binary(argument)
    if (typeof argument === 'number' || typeof argument === 'boolean') return String(argument)
    throw badRequest('failed to parse command: arguments are strings, numbers or booleans')
  })
}

/** `?EX=100&NX` as the words `EX 100 NX`. */
function queryWords(query: string): string[] {
  const words: string[] = []
  for (const part of query.split('&')) {
    const [name = '', value = ''] = part.split(/=(.*)/s)
    if (!name || name === '_token') continue
    words.push(decode(name.replaceAll('+', ' ')))
    if (value) words.push(decode(value.replaceAll('+', ' ')))
  }
  return words
}

/** Percent-decodes to bytes: a value need not be UTF-8. */
function decode(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
