import type { IncomingHttpHeaders } from 'node:http'
import { SqlError } from './errors.ts'
import { toTextParams } from './params.ts'
import type { BatchOptions, Credentials, IsolationLevel, Query, SqlRequest } from './types.ts'

/** How the client wants its rows. */
export interface OutputOptions {
  rawText: boolean
}

/** PostgreSQL counts the parameters of a statement in 16 bits. */
const MAX_PARAMS = 65_535
const ISOLATION_LEVELS: readonly string[] = [
  'ReadUncommitted',
  'ReadCommitted',
  'RepeatableRead',
  'Serializable',
]

/**
 * Reads one request to `/sql`.
 *
 * @throws SqlError (HTTP 400) if a header or the body does not follow the protocol
 */
export function parseRequest(
  headers: IncomingHttpHeaders,
  body: string,
): { request: SqlRequest; output: OutputOptions } {
  const credentials = parseConnectionString(headerOf(headers, 'neon-connection-string'))
  const batch = parseBatchHeaders(headers)
  // Anything but the exact word counts as absent, as in Neon's proxy.
  const output = { rawText: headerOf(headers, 'neon-raw-text-output') === 'true' }
  const arrayMode = headerOf(headers, 'neon-array-mode') === 'true'

  const payload = parseJson(body)
  if (Array.isArray(payload.queries)) {
    const queries = payload.queries.map((query: unknown) => parseQuery(query, arrayMode))
    return { request: { credentials, queries, batch }, output }
  }
  return { request: { credentials, queries: [parseQuery(payload, arrayMode)] }, output }
}

/** The batch headers to repeat in a successful answer: those that were set to something. */
export function echoHeaders(batch: BatchOptions | undefined): Record<string, string> {
  const headers: Record<string, string> = {}
  if (batch?.isolationLevel) headers['Neon-Batch-Isolation-Level'] = batch.isolationLevel
  if (batch?.readOnly) headers['Neon-Batch-Read-Only'] = 'true'
  if (batch?.deferrable) headers['Neon-Batch-Deferrable'] = 'true'
  return headers
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/**
 * Neon finds the compute by the host name; here there is only one, so that any host will do.
 * No message repeats the string: it holds a password.
 */
function parseConnectionString(text: string | undefined): Credentials {
  if (text === undefined) throw new SqlError('missing header: Neon-Connection-String')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url) throw new SqlError('invalid connection string: not a URL')
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new SqlError('invalid connection string: the scheme must be postgres or postgresql')
  }
  if (url.hostname === '') throw new SqlError('invalid connection string: missing host')
  const credentials = {
    user: decode(url.username),
    password: decode(url.password),
    database: decode(url.pathname.slice(1)),
  }
  for (const [name, value] of Object.entries(credentials)) {
    if (value === '') throw new SqlError(`invalid connection string: missing ${name}`)
    if (value.includes('\0')) throw new SqlError(`invalid connection string: bad ${name}`)
  }
  return credentials
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new SqlError('invalid connection string: bad percent-encoding')
  }
}

function parseBatchHeaders(headers: IncomingHttpHeaders): BatchOptions {
  const level = headerOf(headers, 'neon-batch-isolation-level')
  if (level !== undefined && !ISOLATION_LEVELS.includes(level)) {
    throw new SqlError('invalid isolation level')
  }
  return {
    ...(level === undefined ? {} : { isolationLevel: level as IsolationLevel }),
    readOnly: headerOf(headers, 'neon-batch-read-only') === 'true',
    deferrable: headerOf(headers, 'neon-batch-deferrable') === 'true',
  }
}

function parseJson(body: string): Record<string, unknown> {
  let payload: unknown
  try {
    payload = JSON.parse(body)
  } catch {
    throw new SqlError('could not parse the request body as JSON')
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new SqlError('the request body must be an object with "query" or "queries"')
  }
  return payload as Record<string, unknown>
}

function parseQuery(value: unknown, defaultArrayMode: boolean): Query {
  const { query, params, arrayMode } = (value ?? {}) as Record<string, unknown>
  if (typeof query !== 'string') throw new SqlError('missing field "query", or not a string')
  if (query.includes('\0')) throw new SqlError('the query contains a null character')
  if (params !== undefined && !Array.isArray(params)) {
    throw new SqlError('field "params" must be an array')
  }
  if (params && params.length > MAX_PARAMS) {
    throw new SqlError(`too many parameters (max is ${MAX_PARAMS})`)
  }
  if (arrayMode !== undefined && arrayMode !== null && typeof arrayMode !== 'boolean') {
    throw new SqlError('field "arrayMode" must be a boolean')
  }
  return {
    text: query.toWellFormed(),
    params: toTextParams(params ?? []),
    arrayMode: typeof arrayMode === 'boolean' ? arrayMode : defaultArrayMode,
  }
}
