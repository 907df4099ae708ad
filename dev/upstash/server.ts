/** Upstash's REST protocol for the local stack, in front of an embedded Redis or a redis-server. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningPart } from '../stack/part.ts'
import { type Backend, BackendUnavailable } from './backend.ts'
import { RedisError, type Reply } from './core/reply.ts'
import { embeddedBackend } from './embedded.ts'
import { streamCommands, streamMessages } from './events.ts'
import { type Operation, parseOperation, parseTarget, RequestError } from './operation.ts'
import { redisServerBackend } from './redis-server.ts'
import { RequestLog } from './request-log.ts'
import { type Access, accessOf, mayWrite, refusal, type Tokens } from './tokens.ts'
import { type Encoding, errorBody, toBody, toResp, utf8 } from './wire.ts'

export interface UpstashOptions extends Tokens {
  /** 0 or nothing: any free port. */
  port?: number
  host?: '127.0.0.1'
  /** A redis-server to use instead of the embedded Redis. */
  redisUrl?: string
  /** The file in which the embedded Redis keeps its data over restarts. */
  persistTo?: string
  /** Whether the embedded Redis refuses, in all scripts, keys that are not in KEYS. Default true. */
  strictKeys?: boolean
  /** The largest request body. Default 10 MB. */
  maxBodyBytes?: number
}

const DEFAULT_MAX_BODY_BYTES = 10_000_000
const METHODS = ['HEAD', 'GET', 'POST', 'PUT']

/**
 * Starts the server.
 *
 * @throws Error one line: the redis-server is not reachable, the log is damaged, or the port is taken
 */
export async function startUpstash(options: UpstashOptions): Promise<RunningPart> {
  const backend = options.redisUrl
    ? await redisServerBackend(options.redisUrl)
    : embeddedBackend(options)
  const rest = new RestServer(backend, options)
  const server = createServer((request, response) => void rest.handle(request, response))
  try {
    await listen(server, options.port ?? 0, options.host ?? '127.0.0.1')
  } catch (error) {
    await backend.close()
    throw error
  }
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      await backend.close()
    },
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

class RestServer {
  readonly #backend: Backend
  readonly #options: UpstashOptions
  readonly #log = new RequestLog()
  readonly #monitors = new Set<(command: string[]) => void>()
  /** Names this run, so that a token of an earlier one is never repeated. */
  readonly #run = Date.now().toString(36)
  #writes = 0

  constructor(backend: Backend, options: UpstashOptions) {
    this.#backend = backend
    this.#options = options
  }

  /** Answers one request; never throws. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response)
    } catch (error) {
      // The client went away: nobody is left to answer.
      if (response.destroyed) return
      if (error instanceof RequestError) {
        this.#reply(response, error.status, errorBody(utf8(error.message)))
      } else if (error instanceof BackendUnavailable) {
        this.#reply(response, 503, errorBody(`ERR ${error.message}`))
      } else {
        console.error('upstash:', error)
        this.#reply(response, 500, errorBody('ERR internal error'))
      }
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = parseTarget(request.url ?? '/')
    if (target.path === '/__requests') {
      const after = Number(new URLSearchParams(target.query).get('after')) || 0
      return this.#reply(response, 200, JSON.stringify(this.#log.after(after)))
    }
    const method = request.method ?? 'GET'
    if (!METHODS.includes(method)) throw new RequestError(405, 'ERR method not allowed')
    const access = accessOf(request, target, this.#options)
    if (!access) throw new RequestError(401, 'WRONGPASS invalid or missing auth token')
    const body = await readBody(request, this.#options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES)
    const operation = parseOperation(method, target, body)
    this.#note(target.path, operation)
    if (operation.kind === 'monitor') {
      if (access !== 'full') throw new RequestError(400, refusal(access, ['monitor'])!.message)
      return streamCommands(this.#monitors, response)
    }
    if (operation.kind === 'subscribe' || operation.kind === 'psubscribe') {
      return streamMessages(this.#backend, operation.kind, operation.names, response)
    }
    const format = formatOf(request, operation)
    const result = await this.#perform(operation, access)
    if (result instanceof RedisError) {
      return this.#reply(response, 400, errorBody(utf8(result.message)))
    }
    if (format === 'resp2') return this.#reply(response, 200, toResp(result))
    const isList = operation.kind !== 'command'
    this.#reply(
      response,
      200,
      isList
        ? `[${(result as Reply[]).map((reply) => toBody(reply, format)).join(',')}]`
        : toBody(result, format),
    )
  }

  /** The reply, the list of replies, or the error that refuses the whole. */
  async #perform(operation: Operation, access: Access): Promise<Reply> {
    if (operation.kind === 'command') return this.#command(operation.command, access)
    if (operation.kind === 'pipeline') {
      // All are sent before the first answers: a pipeline is in order, but not atomic.
      return Promise.all(operation.commands.map((command) => this.#command(command, access)))
    }
    const { commands } = operation as { commands: string[][] }
    for (const command of commands) {
      const refused = refusal(access, command)
      if (refused) return refused
    }
    const result = await this.#backend.transaction(commands)
    this.#writes += 1
    return result
  }

  async #command(command: string[], access: Access): Promise<Reply> {
    const refused = refusal(access, command)
    if (refused) return refused
    if (mayWrite(command)) this.#writes += 1
    return this.#backend.run(command)
  }

  #note(path: string, operation: Operation): void {
    const commands =
      operation.kind === 'command'
        ? [operation.command]
        : 'commands' in operation
          ? operation.commands
          : [[operation.kind, ...('names' in operation ? operation.names : [])]]
    this.#log.add(
      path,
      commands.map((command) => command.map(utf8)),
    )
    for (const command of commands) for (const monitor of this.#monitors) monitor(command)
  }

  #reply(response: ServerResponse, status: number, body: string | Buffer): void {
    if (response.headersSent) {
      response.end()
      return
    }
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream',
      'content-length': Buffer.byteLength(body),
      'upstash-sync-token': `${this.#run}=${this.#writes}`,
    })
    response.end(body)
  }
}

function formatOf(request: IncomingMessage, operation: Operation): Encoding | 'resp2' {
  const base64 = request.headers['upstash-encoding'] === 'base64'
  if (request.headers['upstash-response-format'] !== 'resp2') return base64 ? 'base64' : 'utf8'
  if (base64) throw new RequestError(400, 'ERR resp2 cannot be combined with base64 encoding')
  if (operation.kind === 'multi-exec') {
    throw new RequestError(400, 'ERR resp2 is not supported for multi-exec')
  }
  return 'resp2'
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    // The rest is read and dropped: who is still sending would miss the answer.
    if (size <= limit) chunks.push(chunk)
  }
  if (size > limit) {
    throw new RequestError(
      400,
      `ERR max request size exceeded. Limit: ${limit} bytes, Actual: ${size} bytes`,
    )
  }
  return Buffer.concat(chunks)
}
