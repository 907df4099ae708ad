import { MigrationError, migrate } from '../../src/db/migrator.ts'
import { readMigrations } from './migrations.ts'
import { findTarget, type Target, UsageError } from './target.ts'

/**
 * `npm run db:migrate`: applies the migrations in `drizzle/` of the current directory.
 *
 * The database is, in this order: `DATABASE_URL` (with `NEON_FETCH_ENDPOINT` if it is not Neon's
 * own) from the environment, the same from `.dev.vars`, or the local stack that is running.
 */

async function main(): Promise<void> {
  const target = await findTarget(process.env)
  const migrations = await readMigrations('drizzle')
  try {
    const applied = await migrate({
      connectionString: target.databaseUrl,
      ...(target.neonEndpoint && { fetchEndpoint: target.neonEndpoint }),
      migrations,
      log: (line) => console.log(line),
    })
    if (applied.length === 0) console.log('Database is up to date')
  } catch (error) {
    throw new UsageError(`${(error as Error).message}${adviceFor(error, target)}`)
  }
}

function adviceFor(error: unknown, target: Target): string {
  const reachedSomebody = error instanceof MigrationError && error.code !== undefined
  if (reachedSomebody) return ''
  if (target.neonEndpoint) return ` (endpoint ${target.neonEndpoint})`
  if (!URL.canParse(target.databaseUrl)) return ''
  const { hostname } = new URL(target.databaseUrl)
  if (hostname === '' || hostname.endsWith('.neon.tech') || hostname.endsWith('.neon.build')) {
    return ''
  }
  return (
    `. Migrations travel over Neon's HTTP protocol and ${hostname} is not a Neon host: ` +
    'set NEON_FETCH_ENDPOINT to the /sql endpoint in front of it'
  )
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error)
  console.error(`db:migrate: ${message.replace(/\s*\n\s*/g, ' ')}`)
  process.exitCode = 1
})
