/** A redis-server as a backend, over RESP. */

import { Redis } from 'ioredis'
import { type Backend, BackendUnavailable } from './backend.ts'
import { OK, RedisError, type Reply } from './core/reply.ts'
import { unknownCommand } from './core/table.ts'
import { ScriptNames } from './script-names.ts'
import { utf8 } from './wire.ts'

const CONNECT_TIMEOUT_MS = 2_000
const COMMAND_TIMEOUT_MS = 5_000
const MAX_RECONNECT_DELAY_MS = 1_000

/** Commands that would change or block the shared connection; Upstash's REST has none of them. */
const REFUSED = new Set(
  `multi exec discard watch unwatch select auth hello quit reset client monitor subscribe psubscribe
  ssubscribe unsubscribe punsubscribe sunsubscribe blpop brpop blmove brpoplpush blmpop bzpopmin
  bzpopmax bzmpop wait waitaof shutdown debug config save bgsave bgrewriteaof replicaof slaveof sync
  psync cluster failover module acl`.split(/\s+/),
)

/**
 * Connects to a redis-server.
 *
 * @param url e.g. `redis://127.0.0.1:6379/2`
 * @throws Error one line that names REDIS_URL and the host, if it cannot be reached
 */
export async function redisServerBackend(url: string): Promise<Backend> {
  const connect = () =>
    new Redis(url, {
      lazyConnect: true,
      // RESP3 would answer maps and pairs where Upstash answers flat lists.
      protocol: 2,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      // A command fails at once while Redis is away: whoever asked decides about trying again.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => Math.min(attempt * 50, MAX_RECONNECT_DELAY_MS),
    }).on('error', () => undefined)

  const commands = connect()
  const transactions = connect()
  const subscribers = new Set<Redis>()
  const scripts = new ScriptNames()
  for (const connection of [commands, transactions]) {
    await connection.connect().catch((error: Error) => {
      commands.disconnect()
      transactions.disconnect()
      throw new Error(`REDIS_URL: no redis-server answers at ${hostOf(url)} (${reason(error)})`)
    })
  }

  /** Transactions take turns: MULTI is a state of the connection. */
  let turn: Promise<unknown> = Promise.resolve()

  return {
    run: (command) => scripts.translated(command, (actual) => send(commands, actual)),
    transaction: (all) => {
      const result = turn.then(() => runTransaction(transactions, all, scripts))
      turn = result.catch(() => undefined)
      return result
    },
    subscribe: async (name, pattern, listener) => {
      const connection = connect()
      subscribers.add(connection)
      try {
        await connection.connect()
        const target = utf8(name)
        if (pattern) {
          connection.on('pmessageBuffer', (_: unknown, channel: Buffer, message: Buffer) =>
            listener({ channel: binary(channel), message: binary(message) }),
          )
          await connection.psubscribe(target)
        } else {
          connection.on('messageBuffer', (channel: Buffer, message: Buffer) =>
            listener({ channel: binary(channel), message: binary(message) }),
          )
          await connection.subscribe(target)
        }
      } catch (error) {
        connection.disconnect()
        throw unavailable(error)
      }
      return () => {
        subscribers.delete(connection)
        connection.disconnect()
      }
    },
    close: async () => {
      for (const connection of [commands, transactions, ...subscribers]) connection.disconnect()
    },
  }
}

async function send(connection: Redis, command: string[]): Promise<Reply> {
  const name = command[0]!.toUpperCase()
  if (REFUSED.has(command[0]!.toLowerCase())) return unknownCommand(command)
  const args = withoutBlocking(name, command.slice(1)).map((arg) => Buffer.from(arg, 'latin1'))
  try {
    // Upper case: ioredis transforms the replies of names that it knows in lower case.
    return toReply(await connection.callBuffer(name, ...args))
  } catch (error) {
    if (isReplyError(error)) return new RedisError(error.message)
    throw unavailable(error)
  }
}

async function runTransaction(
  connection: Redis,
  all: string[][],
  scripts: ScriptNames,
): Promise<Reply[] | RedisError> {
  try {
    await connection.callBuffer('MULTI')
    for (const command of all) {
      const queued = await send(connection, scripts.rewrite(command).command)
      if (!(queued instanceof RedisError)) continue
      await connection.callBuffer('DISCARD')
      return queued
    }
    const replies = toReply(await connection.callBuffer('EXEC')) as Reply[]
    return replies.map((reply, i) => scripts.rewrite(all[i]!).restore(reply))
  } catch (error) {
    if (isReplyError(error)) return new RedisError(error.message)
    throw unavailable(error)
  }
}

/** BLOCK would hold up everyone who shares the connection; over REST it waits for nothing. */
function withoutBlocking(name: string, args: string[]): string[] {
  if (name !== 'XREAD' && name !== 'XREADGROUP') return args
  const words = args.map((arg) => arg.toUpperCase())
  const at = words.indexOf('BLOCK')
  const isOption = at >= 0 && at < words.indexOf('STREAMS')
  return isOption ? args.toSpliced(at, 2) : args
}

function toReply(value: unknown): Reply {
  if (Buffer.isBuffer(value)) return value.equals(OK_BYTES) ? OK : binary(value)
  if (Array.isArray(value)) return value.map(toReply)
  if (value instanceof Error) return new RedisError(value.message)
  return value as null | number | string
}

const OK_BYTES = Buffer.from('OK')

function binary(value: Buffer): string {
  return value.toString('latin1')
}

function isReplyError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

function unavailable(error: unknown): BackendUnavailable {
  return new BackendUnavailable(`redis-server is not reachable (${reason(error)})`)
}

function reason(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return code ?? message ?? 'unknown'
}

/** Host and port only: the URL may hold a password. */
function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return 'an address that is no URL'
  }
}
