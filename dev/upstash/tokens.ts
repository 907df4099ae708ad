/** The two tokens of a database, and what the read-only one may do. */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { RedisError } from './core/reply.ts'
import { commandTable, resolve } from './core/table.ts'
import type { Target } from './operation.ts'

export type Access = 'full' | 'read-only'

export interface Tokens {
  token: string
  readOnlyToken?: string
}

/** What the request's token (`Authorization: Bearer` or `?_token=`) allows; `undefined` if nothing. */
export function accessOf(
  request: IncomingMessage,
  target: Target,
  tokens: Tokens,
): Access | undefined {
  const bearer = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const given = bearer ?? new URLSearchParams(target.query).get('_token') ?? ''
  if (same(given, tokens.token)) return 'full'
  const { readOnlyToken } = tokens
  return readOnlyToken !== undefined && same(given, readOnlyToken) ? 'read-only' : undefined
}

function same(a: string, b: string): boolean {
  return a !== '' && timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Only looked up in, never run: it needs no script engine. */
const table = commandTable(() => {
  throw new Error('the table of the read-only token runs nothing')
})

/** Why the token may not run the command; commands that nobody knows count as writing. */
export function refusal(access: Access, command: string[]): RedisError | undefined {
  if (access === 'full') return undefined
  const found = resolve(table, command)
  if ('error' in found ? found.reason === 'arity' : found.spec.kind === 'read') return undefined
  const name = command[0]!.toLowerCase()
  return new RedisError(
    `NOPERM this user has no permissions to run the '${name}' command or its subcommand`,
  )
}

/** Whether the command may change data; what nobody knows may. */
export function mayWrite(command: string[]): boolean {
  const found = resolve(table, command)
  return 'error' in found || found.spec.kind === 'write'
}
