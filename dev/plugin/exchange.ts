import type { IncomingMessage } from 'node:http'
import type { Reply } from './reply.ts'
import type { User } from './state.ts'

/** Who calls. The admin key stands for a pseudo-user without any rows. */
export type Caller = { kind: 'admin' } | { kind: 'user'; user: User }

/** One request with the way to answer it. */
export interface Exchange {
  method: string
  url: URL
  params: Record<string, string>
  request: IncomingMessage
  /** The parsed body; undefined when there was none. */
  body: unknown
  /** The body as it came, for forms. */
  raw: Buffer
  reply: Reply
  caller: Caller
}

/** What a route needs from the caller before its handler runs. */
export type Access = 'open' | 'user' | 'admin'
