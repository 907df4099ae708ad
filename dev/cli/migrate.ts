import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { type Migration, MigrationError, migrate, parseJournal } from '../../src/db/migrator.ts'

/**
 * `npm run db:migrate`: applies the migrations in `drizzle/` of the current directory.
 *
 * The database is, in this order: `DATABASE_URL` (with `NEON_FETCH_ENDPOINT` if it is not Neon's
 * own) from the environment, the same from `.dev.vars`, or the local stack that is running.
 */

interface Target {
  connectionString: string
  fetchEndpoint?: string
}

/** A failure that is explained by its message alone. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const target = await findTarget()
  const migrations = await readMigrations('drizzle')
  try {
    const applied = await migrate({ ...target, migrations, log: (line) => console.log(line) })
    if (applied.length === 0) console.log('Database is up to date')
  } catch (error) {
    throw new UsageError(`${(error as Error).message}${adviceFor(error, target)}`)
  }
}

async function findTarget(): Promise<Target> {
  const devVars = await readOptional('.dev.vars')
  for (const source of [process.env, devVars === undefined ? {} : parseEnv(devVars)]) {
    const { DATABASE_URL, NEON_FETCH_ENDPOINT } = source
    if (DATABASE_URL) return targetOf(DATABASE_URL, NEON_FETCH_ENDPOINT)
  }
  const stackFile = join(process.env.DATA_DIR || '.data', 'dev.json')
  const stack = await readOptional(stackFile)
  if (stack !== undefined) {
    const { database_url, neon_endpoint } = parseObject(stack, stackFile)
    if (typeof database_url === 'string' && typeof neon_endpoint === 'string') {
      return targetOf(database_url, neon_endpoint)
    }
  }
  throw new UsageError(
    'No database: set DATABASE_URL in the environment or in .dev.vars, or start the local stack with "npm run dev"',
  )
}

function targetOf(connectionString: string, fetchEndpoint: string | undefined): Target {
  return fetchEndpoint ? { connectionString, fetchEndpoint } : { connectionString }
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const journal = await readOptional(join(directory, 'meta', '_journal.json'))
  if (journal === undefined) {
    throw new UsageError(`No migrations: ${directory}/meta/_journal.json does not exist here`)
  }
  return Promise.all(
    parseJournal(journal).map(async (name) => {
      const sql = await readOptional(join(directory, `${name}.sql`))
      if (sql === undefined) {
        throw new UsageError(`${directory}/${name}.sql is in the journal but does not exist`)
      }
      return { name, sql }
    }),
  )
}

function adviceFor(error: unknown, target: Target): string {
  const reachedSomebody = error instanceof MigrationError && error.code !== undefined
  if (reachedSomebody) return ''
  if (target.fetchEndpoint) return ` (endpoint ${target.fetchEndpoint})`
  if (!URL.canParse(target.connectionString)) return ''
  const { hostname } = new URL(target.connectionString)
  if (hostname === '' || hostname.endsWith('.neon.tech') || hostname.endsWith('.neon.build')) {
    return ''
  }
  return (
    `. Migrations travel over Neon's HTTP protocol and ${hostname} is not a Neon host: ` +
    'set NEON_FETCH_ENDPOINT to the /sql endpoint in front of it'
  )
}

function parseObject(text: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new UsageError(`${file} is not valid JSON; is the local stack just starting?`)
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error)
  console.error(`db:migrate: ${message.replace(/\s*\n\s*/g, ' ')}`)
  process.exitCode = 1
})
