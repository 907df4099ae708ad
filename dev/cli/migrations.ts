import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Migration, parseJournal } from '../../src/db/migrator.ts'
import { UsageError } from './target.ts'

/** Where drizzle-kit puts them in this checkout. */
const DIRECTORY = join(import.meta.dirname, '../../drizzle')

/**
 * The migrations in a folder that drizzle-kit generated, in order.
 *
 * @throws {UsageError} when the folder does not hold what its journal says
 */
export async function readMigrations(directory = DIRECTORY): Promise<Migration[]> {
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

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
