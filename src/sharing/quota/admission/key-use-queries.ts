import { and, eq, gte, sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import { keyUsage } from '../../../db/schema/index.ts'

/**
 * What a key has used since the beginning of a day (UTC), in 1/10,000 unit. The sums are kept apart from
 * the usage rows: these go when they are old, and are many.
 */
export async function keyUseSince(db: Database, apiKeyId: number, from: Date): Promise<number> {
  const day = from.toISOString().slice(0, 10)
  const [row] = await db
    .select({ used: sql<number>`coalesce(sum(${keyUsage.quota}), 0)::float8` })
    .from(keyUsage)
    .where(and(eq(keyUsage.apiKeyId, apiKeyId), gte(keyUsage.day, day)))
  return row?.used ?? 0
}
