import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { NeonOptions } from '../../../dev/neon/server.ts'
import type { PartReport } from '../../../dev/stack/part.ts'

export type Engine = 'PGlite' | 'PostgreSQL'

const DATABASE_URL = process.env.DATABASE_URL

/** Real PostgreSQL is tested too when the environment names one. */
export const engines: Engine[] = DATABASE_URL ? ['PGlite', 'PostgreSQL'] : ['PGlite']
export const hasPostgres = DATABASE_URL !== undefined
export const NO_POSTGRES = 'needs a real PostgreSQL: set DATABASE_URL'

export interface Endpoint {
  sqlUrl: string
  baseUrl: string
  connectionString: string
  child: ChildProcess
  /** Ends the process in the orderly way. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
}

/** A login whose password needs percent-encoding, so that every test covers that as well. */
export const LOGIN = { user: 'app_user', password: 'p@ss:w/rd?%', database: 'app' }

export function connectionStringOf(login: { user: string; password: string; database: string }) {
  const { user, password, database } = login
  const part = encodeURIComponent
  return `postgresql://${part(user)}:${part(password)}@ep-local-1.db.example/${part(database)}`
}

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** The process that was started last, even if it has not answered yet. */
export function latestFork(): ChildProcess | undefined {
  return Array.from(children).at(-1)
}

/** Starts the endpoint in a process of its own: PGlite would block the test runner. */
export async function forkNeon(options: NeonOptions): Promise<Endpoint> {
  const main = fileURLToPath(new URL('../../../dev/neon/main.ts', import.meta.url))
  const child = fork(main, { execArgv: [] })
  children.add(child)
  const exited = once(child, 'exit').then(() => children.delete(child))
  const report = await new Promise<PartReport>((resolve, reject) => {
    child.once('message', resolve as (message: unknown) => void)
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)))
    child.send({ type: 'start', options })
  })
  if (report.type === 'failed') {
    await exited
    throw new Error(report.message)
  }
  const end = async (how: () => unknown) => {
    if (child.exitCode === null && child.signalCode === null) how()
    await exited
  }
  return {
    baseUrl: report.url,
    sqlUrl: `${report.url}/sql`,
    connectionString: connectionStringOf(
      options.databaseUrl ? loginOf(options.databaseUrl) : options,
    ),
    child,
    stop: () => end(() => child.send({ type: 'stop' })),
    kill: () => end(() => child.kill('SIGKILL')),
  }
}

/** An endpoint with an empty database of its own; `stop` drops that database. */
export async function startEmpty(engine: Engine): Promise<Endpoint> {
  if (engine === 'PGlite') return forkNeon(LOGIN)
  const databaseUrl = freshDatabaseUrl()
  const endpoint = await forkNeon({ ...LOGIN, databaseUrl })
  return {
    ...endpoint,
    stop: async () => {
      await endpoint.stop()
      await dropDatabase(databaseUrl)
    },
  }
}

/** The URL of a database that does not exist yet. */
export function freshDatabaseUrl(): string {
  const url = new URL(DATABASE_URL!)
  url.pathname = `/test_neon_${randomBytes(6).toString('hex')}`
  return url.href
}

export async function dropDatabase(databaseUrl: string): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1)
  await asAdmin((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
}

/** Runs `work` on a direct connection to the real PostgreSQL. */
export async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(DATABASE_URL!)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export function loginOf(databaseUrl: string) {
  const url = new URL(databaseUrl)
  return {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  }
}

export interface SqlResult {
  fields: { name: string; dataTypeID: number }[]
  rows: unknown[]
  command: string
  rowCount: number | null
  rowAsArray: boolean
}

export type SqlBody = SqlResult & { results: SqlResult[] } & Record<string, unknown>

/** Sends one raw request to `/sql`. */
export async function post(
  endpoint: Endpoint,
  body: unknown,
  headers: Record<string, string> = {},
  init: RequestInit = {},
): Promise<{ status: number; headers: Headers; body: SqlBody }> {
  const response = await fetch(endpoint.sqlUrl, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'Neon-Connection-String': endpoint.connectionString, ...headers },
    ...init,
  })
  const json = (await response.json()) as SqlBody
  return { status: response.status, headers: response.headers, body: json }
}

/** The only cell of a query's result, as text. */
export async function scalar(endpoint: Endpoint, query: string, params: unknown[] = []) {
  const { body, status } = await post(
    endpoint,
    { query, params },
    { 'Neon-Raw-Text-Output': 'true', 'Neon-Array-Mode': 'true' },
  )
  if (status !== 200) throw new Error(String(body.message))
  return (body.rows[0] as (string | null)[])[0]
}

/** Waits until the endpoint has received a query that contains `text`. */
export async function untilAsked(endpoint: Endpoint, text: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${endpoint.baseUrl}/__requests`)
    const { requests } = (await response.json()) as { requests: { queries: string[] }[] }
    if (requests.some((one) => one.queries.some((query) => query.includes(text)))) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
