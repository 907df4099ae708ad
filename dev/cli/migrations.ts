import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Migration, parseJournal } from '../../src/db/migrator.ts'

const DIRECTORY = join(import.meta.dirname, '../../drizzle')

/**
 * The migrations of this checkout, in order.
 *
 * @throws {Error} when the folder does not hold what its journal says
 */
export async function readMigrations(directory = DIRECTORY): Promise<Migration[]> {
  const journal = await readFile(join(directory, 'meta', '_journal.json'), 'utf8')
  return Promise.all(
    parseJournal(journal).map(async (name) => ({
      name,
      sql: await readFile(join(directory, `${name}.sql`), 'utf8'),
    })),
  )
}
