import type { BatchItem } from 'drizzle-orm/batch'
import type { Database } from './client.ts'

export type Statement = BatchItem<'pg'>

/**
 * Runs statements in one transaction, in their order. A batch cannot branch: a statement that must
 * only count when an earlier one changed something says so in its own `where`.
 *
 * @param statements null ones are left out
 * @returns what each of the remaining ones returned
 */
export async function atomically(
  db: Database,
  statements: readonly (Statement | null)[],
): Promise<unknown[]> {
  const [first, ...rest] = statements.filter((statement) => statement !== null)
  return first ? db.batch([first, ...rest]) : []
}
