import { createNeon, type NeonClient } from './neon.ts'

/** A shorter password is part of too much else to be masked wherever it stands. */
const MIN_MASKED_LENGTH = 4

/** One file that drizzle-kit generated: its name without `.sql` and its content. */
export interface Migration {
  name: string
  sql: string
}

/** What a run needs. */
export interface MigrateInput {
  connectionString: string
  /** Full URL of the `/sql` endpoint; absent means Neon's own. */
  fetchEndpoint?: string
  /** All migrations of this checkout, in order. */
  migrations: readonly Migration[]
  /** Called after each migration that this run applied. */
  log?: (line: string) => void
}

/** A migration that did not succeed. The message is safe to show: no connection string, no password. */
export class MigrationError extends Error {
  override name = 'MigrationError'
  /** SQLSTATE, when PostgreSQL refused something. */
  readonly code: string | undefined
  /** True when nobody answered at the endpoint, so that the address is the first suspect. */
  readonly unreachable: boolean

  constructor(message: string, options: { code?: string | undefined; unreachable?: boolean } = {}) {
    super(message)
    this.code = options.code
    this.unreachable = options.unreachable ?? false
  }
}

/** All runs of this project take this lock; the number has no meaning, it only must not change. */
const LOCK = 'select pg_advisory_xact_lock(7236411902355)'
/** Its violation says that another run recorded the migration first. */
const NAME_CONSTRAINT = 'applied_name_once'
const BREAKPOINT = '--> statement-breakpoint'
const TRANSACTION_CONTROL =
  /^(begin|start\s+transaction|commit|end|rollback|abort|prepare\s+transaction)\b/i

/**
 * Brings a database up to date over Neon HTTP: one atomic batch per migration.
 *
 * drizzle-orm's own migrator for neon-http is not used because it sends every statement as a call
 * of its own and records all migrations at the very end: a crash half-way leaves tables that the
 * next run trips over, and two runs at once apply everything twice.
 *
 * A batch cannot branch, so the row that records the migration is its own guard. It is inserted
 * first, under an advisory lock: if another run was faster, the insert violates the unique name,
 * which undoes the batch before any statement of the migration has run. If anything later fails,
 * or this process dies, the row disappears together with the rest.
 *
 * @returns the names that this run applied, in order; empty if nothing was left to do
 * @throws MigrationError if a recorded migration has other content now, if PostgreSQL refuses a
 *   statement (nothing of that migration stays), or if the database cannot be reached
 */
export async function migrate(input: MigrateInput): Promise<string[]> {
  const sql = createNeon(input.connectionString, input.fetchEndpoint)
  const withHash = await Promise.all(
    input.migrations.map(async (one) => ({
      ...one,
      hash: await contentHash(one.sql),
      statements: splitStatements(one),
    })),
  )
  const guard = <T>(work: () => Promise<T>) => safely(work, input.connectionString)

  checkConnectionString(input.connectionString)
  await guard(() => createBookkeeping(sql))
  let recorded = await guard(() => readRecorded(sql))
  const applied: string[] = []
  for (const migration of withHash) {
    if (!recorded.has(migration.name)) {
      if (await guard(() => applyOne(sql, migration))) {
        applied.push(migration.name)
        input.log?.(`Applied ${migration.name}`)
        continue
      }
      recorded = await guard(() => readRecorded(sql))
    }
    if (recorded.get(migration.name) !== migration.hash) {
      throw new MigrationError(
        `Migration ${migration.name} was applied with other content than it has now. ` +
          'Applied migrations must not be edited: restore the file and write a new migration.',
      )
    }
  }
  return applied
}

/**
 * Reads drizzle-kit's `meta/_journal.json`.
 *
 * @returns the names of the migrations, in the order in which they must run
 * @throws MigrationError if the text is not such a journal
 */
export function parseJournal(text: string): string[] {
  const refuse = () =>
    new MigrationError('drizzle/meta/_journal.json is not a journal of drizzle-kit')
  let journal: unknown
  try {
    journal = JSON.parse(text)
  } catch {
    throw refuse()
  }
  const entries = (journal as { entries?: unknown } | null)?.entries
  if (!Array.isArray(entries)) throw refuse()
  return entries
    .map((entry: { idx?: unknown; tag?: unknown } | null) => {
      if (typeof entry?.idx !== 'number' || typeof entry.tag !== 'string') throw refuse()
      return { idx: entry.idx, tag: entry.tag }
    })
    .sort((a, b) => a.idx - b.idx)
    .map((entry) => entry.tag)
}

interface PreparedMigration extends Migration {
  hash: string
  statements: string[]
}

/** @returns false if another run has recorded this migration in the meantime */
async function applyOne(sql: NeonClient, migration: PreparedMigration): Promise<boolean> {
  try {
    await sql.transaction(
      [
        sql.query(LOCK),
        sql.query('insert into migrations.applied (name, hash) values ($1, $2)', [
          migration.name,
          migration.hash,
        ]),
        ...migration.statements.map((statement) => sql.query(statement)),
      ],
      // Not the stricter levels: their snapshot would be older than the wait for the lock.
      { isolationLevel: 'ReadCommitted', readOnly: false },
    )
    return true
  } catch (error) {
    if (fieldOf(error, 'constraint') === NAME_CONSTRAINT && fieldOf(error, 'code') === '23505') {
      return false
    }
    throw new FailedMigration(migration.name, error)
  }
}

/**
 * Creates the bookkeeping table, unless it is there: a role that may not create schemas can then
 * still find out that all is well.
 *
 * IF NOT EXISTS does not help when two runs create the same thing at once, not even under a lock:
 * a session may remember from before its wait that the schema is missing. The slower run gets a
 * unique violation in PostgreSQL's catalogue instead, after the faster one has committed.
 */
async function createBookkeeping(sql: NeonClient): Promise<void> {
  if (await hasBookkeeping(sql)) return
  try {
    await sql.transaction(
      [
        sql.query('create schema if not exists migrations'),
        sql.query(
          `create table if not exists migrations.applied (
             name text not null constraint ${NAME_CONSTRAINT} primary key,
             hash text not null,
             applied_at timestamptz not null default clock_timestamp()
           )`,
        ),
      ],
      { isolationLevel: 'ReadCommitted', readOnly: false },
    )
  } catch (error) {
    if (!(await hasBookkeeping(sql))) throw error
  }
}

async function hasBookkeeping(sql: NeonClient): Promise<boolean> {
  const [row] = await sql.query(`select to_regclass('migrations.applied') is not null as found`)
  return row?.found === true
}

async function readRecorded(sql: NeonClient): Promise<Map<string, string>> {
  const rows = await sql.query('select name, hash from migrations.applied')
  return new Map(rows.map((row) => [String(row.name), String(row.hash)]))
}

/** Statements of one migration; parts that hold only white space or comments are left out. */
function splitStatements(migration: Migration): string[] {
  const parts = migration.sql.split(BREAKPOINT).map((part) => part.trim())
  return parts.filter((part) => {
    const code = part.replace(/^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)+/, '')
    if (TRANSACTION_CONTROL.test(code)) {
      throw new MigrationError(
        `Migration ${migration.name} begins or ends a transaction. ` +
          'Each migration already runs in one; remove that statement.',
      )
    }
    return code !== '' && code !== ';'
  })
}

/** SHA-256 in hex. Line ends do not count: a checkout on Windows may have changed them. */
async function contentHash(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text.replaceAll('\r\n', '\n'))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Carries the name of a migration to the place where errors are made presentable. */
class FailedMigration extends Error {
  readonly migration: string
  readonly reason: unknown

  constructor(migration: string, reason: unknown) {
    super('migration failed')
    this.migration = migration
    this.reason = reason
  }
}

function checkConnectionString(connectionString: string): void {
  // The driver's own complaint would quote the whole string.
  const url = URL.canParse(connectionString) ? new URL(connectionString) : undefined
  const usable =
    (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') &&
    url.hostname !== '' &&
    url.username !== '' &&
    url.pathname.length > 1
  if (!usable) {
    throw new MigrationError(
      'DATABASE_URL is not of the form postgres://user:password@host/database',
    )
  }
}

/** Runs `work` and turns whatever it throws into a MigrationError without secrets. */
async function safely<T>(work: () => Promise<T>, connectionString: string): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const failed = error instanceof FailedMigration ? error : undefined
    const reason = failed ? failed.reason : error
    const code = fieldOf(reason, 'code')
    const text = redact(describe(reason, code), connectionString)
    throw new MigrationError(
      failed ? `Migration ${failed.migration} failed, nothing of it was applied: ${text}` : text,
      { code, unreachable: isUnreachable(reason) },
    )
  }
}

function describe(error: unknown, code: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error)
  if (!code) return `${message}${networkReason(error)}`
  const advice = code === '42601' && message.includes('multiple commands')
  const hint = advice ? `separate statements by a line "${BREAKPOINT}"` : fieldOf(error, 'hint')
  return `${message} (SQLSTATE ${code})${hint ? `; ${hint}` : ''}`
}

/** `fetch failed` alone does not help; what the network said is two causes deeper. */
function networkReason(error: unknown): string {
  const source = (error as { sourceError?: { cause?: unknown } } | null)?.sourceError
  const code = fieldOf(source?.cause, 'code')
  return code ? ` (${code})` : ''
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Error connecting to database')
}

function redact(text: string, connectionString: string): string {
  const { password } = new URL(connectionString)
  let clean = text.replaceAll(connectionString, '[DATABASE_URL]')
  for (const secret of [password, decodeLeniently(password)]) {
    if (secret === '') continue
    clean = clean.replaceAll(`:${secret}@`, ':[password]@')
    // By itself only what is no word: masking "b" or "password" would give it away, and spoil the rest.
    if (!/^[a-z]+$/i.test(secret) && secret.length >= MIN_MASKED_LENGTH)
      clean = clean.replaceAll(secret, '[password]')
  }
  return clean
}

function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function fieldOf(error: unknown, name: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const value = (error as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : undefined
}
