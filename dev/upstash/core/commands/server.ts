/** Commands about the server and publishing. */

import type { CommandTable } from '../command.ts'
import { Status, wrongArity } from '../reply.ts'

export const server: CommandTable = {
  ping: {
    arity: -1,
    kind: 'read',
    handler: ({ name }, args) => {
      if (args.length > 1) throw wrongArity(name)
      return args[0] ?? new Status('PONG')
    },
  },
  echo: { arity: 2, kind: 'read', handler: (_, [text]) => text! },
  time: {
    arity: 1,
    kind: 'read',
    handler: ({ db }) => [
      String(Math.floor(db.time / 1000)),
      String(Math.floor((db.time % 1000) * 1000)),
    ],
  },
  publish: {
    arity: 3,
    kind: 'write',
    handler: ({ publish }, [channel, message]) => publish(channel!, message!),
  },
}
