/** What the REST server needs from a Redis: the embedded one or a redis-server. */

import type { RedisError, Reply } from './core/reply.ts'

export type PublishedMessage = { channel: string; message: string }

export interface Backend {
  /** Runs one command; errors of Redis are returned. Throws {@link BackendUnavailable}. */
  run(command: string[]): Promise<Reply>
  /** Runs the commands as one transaction; the error if Redis refuses to queue one. */
  transaction(commands: string[][]): Promise<Reply[] | RedisError>
  /** Listens to a channel or a pattern; answers how to stop. */
  subscribe(
    name: string,
    pattern: boolean,
    listener: (published: PublishedMessage) => void,
  ): Promise<() => void>
  close(): Promise<void>
}

/** The Redis behind the server is away; it may come back. */
export class BackendUnavailable extends Error {}
