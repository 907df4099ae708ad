import { and, eq, gte, sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import { usageLogs } from '../../../db/schema/index.ts'

/** What a key has used since a moment, in 1/10,000 unit. */
export async function keyUseSince(db: Database, apiKeyId: number, from: Date): Promise<number> {
  const [row] = await db
    .select({ used: sql<number>`coalesce(sum(${usageLogs.quota}), 0)::float8` })
    .from(usageLogs)
    .where(and(eq(usageLogs.apiKeyId, apiKeyId), gte(usageLogs.createdAt, from)))
  return row?.used ?? 0
}
