import pg from 'pg'
import { quoteName } from './pglite-storage.ts'

/** Where a PostgreSQL server listens and how to reach it, without any login. */
export interface ServerAddress {
  host: string
  port: number
  ssl: false | { rejectUnauthorized: boolean }
}

const CONNECT_TIMEOUT_MS = 5_000
const DATABASE_MISSING = '3D000'
const DATABASE_EXISTS = '42P04'

/**
 * Takes the address out of a connection string.
 *
 * @throws Error, without the string in it, if it is not one
 */
export function serverAddress(databaseUrl: string): ServerAddress {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined
  if (!url?.hostname || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new Error('DATABASE_URL is not of the form postgres://user:password@host:port/database')
  }
  const mode = url.searchParams.get('sslmode') ?? 'disable'
  return {
    // Without the brackets of an IPv6 address.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 5432 : Number(url.port),
    ssl: ['disable', 'allow', 'prefer'].includes(mode)
      ? false
      : { rejectUnauthorized: mode.startsWith('verify') },
  }
}

/**
 * Checks that the server of `databaseUrl` answers and lets that login in; creates the database if
 * it is the only thing missing.
 *
 * @throws Error with one line that names host and port, never the password
 */
export async function ensureDatabase(databaseUrl: string): Promise<void> {
  const { host, port } = serverAddress(databaseUrl)
  try {
    await withClient(databaseUrl, undefined, async () => undefined)
  } catch (error) {
    if (codeOf(error) !== DATABASE_MISSING) throw explain(error, host, port)
    try {
      await createDatabase(databaseUrl)
    } catch (creation) {
      throw explain(creation, host, port)
    }
  }
}

async function createDatabase(databaseUrl: string): Promise<void> {
  const name = decodeURIComponent(new URL(databaseUrl).pathname.slice(1))
  await withClient(databaseUrl, 'postgres', async (client) => {
    await client.query(`CREATE DATABASE ${quoteName(name)}`).catch((error: unknown) => {
      // Another process was faster.
      if (codeOf(error) !== DATABASE_EXISTS) throw error
    })
  })
}

async function withClient(
  databaseUrl: string,
  database: string | undefined,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const url = new URL(databaseUrl)
  const client = new pg.Client({
    ...serverAddress(databaseUrl),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: database ?? decodeURIComponent(url.pathname.slice(1)),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function explain(error: unknown, host: string, port: number): Error {
  const code = codeOf(error)
  const where = `PostgreSQL at ${host}:${port} (DATABASE_URL)`
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) {
    return new Error(`${where} refused: ${(error as Error).message}`)
  }
  const reason = code ?? (error instanceof Error ? error.message : String(error))
  return new Error(`${where} cannot be reached: ${reason}`)
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}
