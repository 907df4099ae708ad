/** The fields of every error body, in the order of Neon's proxy. */
const ERROR_FIELDS = [
  'code',
  'detail',
  'hint',
  'position',
  'internalPosition',
  'internalQuery',
  'severity',
  'where',
  'table',
  'column',
  'schema',
  'dataType',
  'constraint',
  'file',
  'line',
  'routine',
] as const

export type ErrorFields = Partial<Record<(typeof ERROR_FIELDS)[number], string | undefined>>

/** An error that PostgreSQL reported, or that reads like one to the client: HTTP 400. */
export class SqlError extends Error {
  override name = 'SqlError'
  readonly fields: ErrorFields

  constructor(message: string, fields: ErrorFields = {}) {
    super(message)
    this.fields = fields
  }
}

/** An error of the endpoint itself. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The answer to a request that failed: the driver reads the fields of a 400 only. */
export function errorResponse(error: unknown): { status: number; body: string } {
  const fields = error instanceof SqlError ? error.fields : {}
  const status = error instanceof SqlError ? 400 : error instanceof HttpError ? error.status : 500
  const message = error instanceof Error ? error.message : String(error)
  const body: Record<string, string | null> = { message }
  for (const name of ERROR_FIELDS) body[name] = fields[name] ?? null
  return { status, body: JSON.stringify(body) }
}

/** What Neon's proxy says, and all it says, when it refuses a login. */
export function passwordError(user: string): SqlError {
  return new SqlError(`password authentication failed for user '${user}'`)
}

/** Takes the known fields from an error object of a PostgreSQL client library. */
export function sqlErrorFrom(source: { message: string }): SqlError {
  const fields: ErrorFields = {}
  for (const name of ERROR_FIELDS) {
    const value = (source as Record<string, unknown>)[name]
    if (typeof value === 'string' || typeof value === 'number') fields[name] = String(value)
  }
  return new SqlError(source.message, fields)
}
