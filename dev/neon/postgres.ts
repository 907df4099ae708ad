import { connect } from 'node:net'
import pg from 'pg'
import { HttpError, passwordError, sqlErrorFrom } from './errors.ts'
import { ensureDatabase, type ServerAddress, serverAddress } from './postgres-admin.ts'
import { PostgresPools } from './postgres-pools.ts'
import { runQueries, withoutLeadingComments } from './transaction.ts'
import type { Backend, Session, SqlRequest, StatementResult } from './types.ts'

/** Every value stays as PostgreSQL printed it. */
const RAW_TYPES = { getTypeParser: () => (text: string) => text }
const LOGIN_REFUSED = new Set(['28P01', '28000'])
/** Errors at connection time that are the client's: an unknown database, no right to connect. */
const CLIENT_FAULTS = new Set(['3D000', '42501'])

/**
 * Statements that change what the next user of a pooled connection would see. A false alarm costs
 * one extra round trip.
 */
const CHANGES_SESSION =
  /^(set|reset|listen|prepare|load|declare)\b|\b(temp|temporary|pg_temp|set_config|setseed|pg_(try_)?advisory_lock\w*)\b/i

/**
 * Connects to a real PostgreSQL. Only its address comes from `databaseUrl`; user, password and
 * database come with every request, so that PostgreSQL itself checks them.
 *
 * @throws Error with one line if the server cannot be reached or refuses the login of `databaseUrl`
 */
export async function createPostgresBackend(databaseUrl: string): Promise<Backend> {
  await ensureDatabase(databaseUrl)
  return new PostgresBackend(databaseUrl)
}

class PostgresBackend implements Backend {
  readonly engine = 'postgresql'
  readonly #address: ServerAddress
  readonly #databaseUrl: string
  readonly #pools: PostgresPools

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl
    this.#address = serverAddress(databaseUrl)
    this.#pools = new PostgresPools(this.#address)
  }

  async run(request: SqlRequest, signal: AbortSignal): Promise<StatementResult[]> {
    const client = await this.#pools.connect(request.credentials).catch((error: unknown) => {
      throw connectionError(error, request.credentials.user)
    })
    const cancel = () => cancelQuery(this.#address, client)
    signal.addEventListener('abort', cancel)
    const session: Session = { execute: (text, params) => execute(client, text, params) }
    let reusable = false
    try {
      const results = await runQueries(session, request, signal)
      reusable = true
      return results
    } catch (error) {
      reusable = error instanceof Error && error.name === 'SqlError'
      throw error
    } finally {
      signal.removeEventListener('abort', cancel)
      // A cancel request that is still on its way must not hit somebody else's query.
      reusable &&= !signal.aborted && (await cleanUp(client, request))
      client.release(!reusable)
    }
  }

  async ping(): Promise<void> {
    await ensureDatabase(this.#databaseUrl)
  }

  close(): Promise<void> {
    return this.#pools.close()
  }
}

async function execute(
  client: pg.PoolClient,
  text: string,
  values: (string | null)[] = [],
): Promise<StatementResult> {
  try {
    const result = await client.query({
      text,
      values,
      rowMode: 'array',
      types: RAW_TYPES,
      queryMode: 'extended',
    } as pg.QueryArrayConfig)
    return {
      fields: result.fields.map((field) => ({
        name: field.name,
        dataTypeID: field.dataTypeID,
        tableID: field.tableID,
        columnID: field.columnID,
        dataTypeSize: field.dataTypeSize,
        dataTypeModifier: field.dataTypeModifier,
      })),
      rows: result.rows as (string | null)[][],
      command: result.command ?? '',
      rowCount: result.rowCount ?? null,
    }
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw sqlErrorFrom(error)
    throw new HttpError(500, `the connection to PostgreSQL failed: ${messageOf(error)}`)
  }
}

/** Puts a connection back into its first state; false if it cannot be used again. */
async function cleanUp(client: pg.PoolClient, request: SqlRequest): Promise<boolean> {
  try {
    await client.query('ROLLBACK')
    if (request.queries.some(({ text }) => CHANGES_SESSION.test(withoutLeadingComments(text)))) {
      await client.query('DISCARD ALL')
    }
    return true
  } catch {
    return false
  }
}

function connectionError(error: unknown, user: string): Error {
  if (error instanceof pg.DatabaseError) {
    if (LOGIN_REFUSED.has(error.code ?? '')) return passwordError(user)
    if (CLIENT_FAULTS.has(error.code ?? '')) return sqlErrorFrom(error)
  }
  return new HttpError(500, `could not connect to PostgreSQL: ${messageOf(error)}`)
}

/** Connection failures of several addresses come as an AggregateError without a message. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  return error.message || code || error.name
}

/**
 * Asks the server to stop what a connection is doing, by the protocol's own cancel request: it
 * needs a connection but no login.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
function cancelQuery(address: ServerAddress, client: pg.PoolClient): void {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
  const request = Buffer.alloc(16)
  request.writeInt32BE(16, 0)
  request.writeInt32BE(80877102, 4)
  request.writeInt32BE(processID, 8)
  request.writeInt32BE(secretKey, 12)
  const socket = connect(address.port, address.host)
  socket.on('connect', () => socket.end(request))
  socket.on('error', () => undefined)
}
