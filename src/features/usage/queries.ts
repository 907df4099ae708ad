import type { Database } from '../../db/client.ts'
import { usageLogs } from '../../db/schema/index.ts'

export type UsageRow = typeof usageLogs.$inferInsert

/** Writes usage rows; a row that is there already stays as it is. */
export async function insertUsage(db: Database, rows: UsageRow[]): Promise<void> {
  await db.insert(usageLogs).values(rows).onConflictDoNothing()
}
