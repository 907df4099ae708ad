import {
  constants,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { initialisedImage, preparedFiles } from './pglite-image.ts'
import type { Credentials } from './types.ts'

/** PGlite's own role; only set-up and checkpoints run as this one. */
export const SUPERUSER = 'postgres'
const FIRST_DATABASE = 'postgres'

/**
 * Start parameters of PGlite, without its fixed `search_path=public`: PostgreSQL's own default is
 * what Neon has. `-F` spares fsync: a commit is with the operating system when it is acknowledged,
 * which survives the death of this process, though not that of the machine.
 */
const START_PARAMS = [
  ...['--single', '-F', '-O', '-j'],
  ...['exit_on_error=false', 'log_checkpoints=false', 'io_method=sync'].flatMap(setting),
  // Belongs to the size of the stack in `pglite-engine.ts`.
  ...setting('max_stack_depth=1000'),
  ...['max_worker_processes=0', 'max_parallel_workers=0'].flatMap(setting),
  ...['max_parallel_workers_per_gather=0', 'max_parallel_maintenance_workers=0'].flatMap(setting),
]

function setting(text: string): string[] {
  return ['-c', text]
}

/**
 * Opens the database of `credentials`, and creates database and role where they are missing.
 *
 * Layout of the data directory: `pgdata/` is PostgreSQL's, `identity.json` says which role and
 * database have been made in it. A new `pgdata` gets its name only once it is complete, so that a
 * process killed during the first start leaves nothing that looks usable.
 *
 * @param dataDir an existing directory; absent means in memory
 */
export async function openPglite(
  credentials: Credentials,
  dataDir: string | undefined,
): Promise<PGlite> {
  if (dataDir === undefined) return openInMemory(credentials)
  const pgdata = join(dataDir, 'pgdata')
  const identity = join(dataDir, 'identity.json')
  const wanted = JSON.stringify([credentials.user, credentials.database])

  if (!existsSync(pgdata)) {
    const unfinished = join(dataDir, 'pgdata.new')
    rmSync(unfinished, { recursive: true, force: true })
    rmSync(identity, { force: true })
    const files = await preparedFiles(credentials, async (folder) =>
      prepare(folder, credentials, await initialisedImage()),
    )
    // Where the file system can, the copy shares its blocks until they are written to.
    cpSync(files, unfinished, { recursive: true, mode: constants.COPYFILE_FICLONE })
    renameSync(unfinished, pgdata)
    writeFileSync(identity, wanted)
  } else if (!existsSync(identity) || readFileSync(identity, 'utf8') !== wanted) {
    await prepare(pgdata, credentials)
    writeFileSync(identity, wanted)
  }
  return PGlite.create({
    dataDir: pgdata,
    database: credentials.database,
    startParams: START_PARAMS,
  })
}

/**
 * An engine cannot change its database, and starting a second one with the files of the first
 * would double time and memory. The database that is there gets the wanted name instead; ALTER
 * DATABASE refuses to rename the current one, the catalogue does not.
 */
async function openInMemory(credentials: Credentials): Promise<PGlite> {
  const db = await PGlite.create({
    startParams: START_PARAMS,
    loadDataDir: await initialisedImage(),
  })
  await db.query('update pg_database set datname = $1 where datname = $2', [
    credentials.database,
    FIRST_DATABASE,
  ])
  await createRoleAndDatabase(db, credentials)
  return db
}

/** @param image what is unpacked there first; absent where there is a database already */
async function prepare(pgdata: string, credentials: Credentials, image?: Blob): Promise<void> {
  const db = await PGlite.create({
    dataDir: pgdata,
    startParams: START_PARAMS,
    ...(image && { loadDataDir: image }),
  })
  try {
    await createRoleAndDatabase(db, credentials)
  } finally {
    await db.close()
  }
}

/** The role may do what the owner role of a Neon project may, and is no superuser either. */
async function createRoleAndDatabase(db: PGlite, { user, database }: Credentials): Promise<void> {
  const exists = async (query: string, name: string) =>
    (await db.query(query, [name])).rows.length > 0
  if (user !== SUPERUSER && !(await exists('select 1 from pg_roles where rolname = $1', user))) {
    await db.exec(`CREATE ROLE ${quoteName(user)} LOGIN CREATEDB CREATEROLE BYPASSRLS`)
  }
  if (!(await exists('select 1 from pg_database where datname = $1', database))) {
    await db.exec(`CREATE DATABASE ${quoteName(database)} OWNER ${quoteName(user)}`)
  } else {
    await db.exec(`ALTER DATABASE ${quoteName(database)} OWNER TO ${quoteName(user)}`)
  }
}

/** Quotes an identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
