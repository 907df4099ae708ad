import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningPart } from '../stack/part.ts'
import { createPgliteBackend } from './pglite.ts'
import { createPostgresBackend } from './postgres.ts'
import { handleSql } from './protocol.ts'
import { RequestLog } from './request-log.ts'
import type { Backend } from './types.ts'

/** How Neon's endpoint is started. */
export interface NeonOptions {
  /** Absent or 0: any free port. */
  port?: number
  /** Where the embedded database keeps its data; absent means in memory. */
  dataDir?: string
  /** A real PostgreSQL to use instead of the embedded one. */
  databaseUrl?: string
  /** The only login that the embedded database accepts; a real one has its own. */
  user: string
  password: string
  database: string
}

const SHUTDOWN_GRACE_MS = 2_000

/**
 * Starts Neon's SQL-over-HTTP endpoint on 127.0.0.1, with `GET /__requests?after=<seq>` and
 * `GET /__health` beside it.
 *
 * @throws Error with one line if the port is taken, the data directory is in use, or the server of
 *   `databaseUrl` cannot be reached
 */
export async function startNeon(options: NeonOptions): Promise<RunningPart> {
  const { user, password, database } = options
  const backend = options.databaseUrl
    ? await createPostgresBackend(options.databaseUrl)
    : await createPgliteBackend({ user, password, database }, options.dataDir)
  const log = new RequestLog()
  const server = createServer((req, res) => void route(req, res, backend, log))
  try {
    await listen(server, options.port ?? 0)
  } catch (error) {
    await backend.close()
    throw error
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await closeServer(server)
      await backend.close()
    },
  }
}

async function route(
  req: IncomingMessage,
  res: ServerResponse,
  backend: Backend,
  log: RequestLog,
): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://127.0.0.1')
  if (url.pathname === '/sql') return handleSql(req, res, backend, log)
  if (req.method === 'GET' && url.pathname === '/__requests') {
    return sendJson(res, 200, log.after(Number(url.searchParams.get('after') ?? 0)))
  }
  if (req.method === 'GET' && url.pathname === '/__health') {
    const alive = await backend.ping().then(
      () => true,
      () => false,
    )
    return sendJson(res, alive ? 200 : 503, {
      status: alive ? 'ok' : 'unavailable',
      engine: backend.engine,
    })
  }
  return sendJson(res, 404, { message: 'not found' })
}

function sendJson(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} on 127.0.0.1 is in use by another process`)
          : error,
      )
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}

/** Lets running requests end, for a moment. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), SHUTDOWN_GRACE_MS)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
