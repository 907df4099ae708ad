/** One SQL statement with its parameters in PostgreSQL's text format. */
export interface Query {
  text: string
  params: (string | null)[]
  /** Rows as arrays instead of objects. */
  arrayMode: boolean
}

/** How the transaction around a batch begins. */
export interface BatchOptions {
  isolationLevel?: IsolationLevel
  readOnly: boolean
  deferrable: boolean
}

export type IsolationLevel = 'ReadUncommitted' | 'ReadCommitted' | 'RepeatableRead' | 'Serializable'

/** Who asks, taken from the request's connection string. */
export interface Credentials {
  user: string
  password: string
  database: string
}

/** One request to `/sql`, checked and converted. */
export interface SqlRequest {
  credentials: Credentials
  /** Exactly one query unless `batch` is set. */
  queries: Query[]
  /** Present: all queries in one transaction. */
  batch?: BatchOptions
}

/** A column as RowDescription tells it. */
export interface Field {
  name: string
  dataTypeID: number
  tableID: number
  columnID: number
  dataTypeSize: number
  dataTypeModifier: number
}

/** What one statement gave; cells are PostgreSQL's text output. */
export interface StatementResult {
  fields: Field[]
  rows: (string | null)[][]
  /** First word of the command tag, empty for an empty statement. */
  command: string
  rowCount: number | null
}

/** A PostgreSQL behind the endpoint. */
export interface Backend {
  /** Name for `/__health`. */
  readonly engine: 'pglite' | 'postgresql'
  /**
   * Runs one request.
   *
   * @param signal fires when the HTTP client is gone; unfinished work is then cancelled and undone
   * @returns one result per query
   * @throws SqlError for what PostgreSQL refuses, HttpError for everything else
   */
  run(request: SqlRequest, signal: AbortSignal): Promise<StatementResult[]>
  /** Resolves if the server answers. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** One database session, as much of it as running a request needs. */
export interface Session {
  /** @throws SqlError */
  execute(text: string, params?: (string | null)[]): Promise<StatementResult>
}
