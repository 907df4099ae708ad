import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { apiKeys } from '../../db/schema/index.ts'

export type ApiKeyRow = typeof apiKeys.$inferSelect

export async function insertKey(
  db: Database,
  values: typeof apiKeys.$inferInsert,
): Promise<ApiKeyRow> {
  const [row] = await db.insert(apiKeys).values(values).returning()
  if (!row) throw new Error('the insert returned no row')
  return row
}

/** The person's keys that have not been deleted, newest first. */
export async function listKeys(db: Database, userId: number): Promise<ApiKeyRow[]> {
  return db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))
    .orderBy(desc(apiKeys.id))
}

/** One of the person's keys, or null. */
export async function findOwnKey(
  db: Database,
  userId: number,
  id: number,
): Promise<ApiKeyRow | null> {
  const [row] = await db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))
    .limit(1)
  return row ?? null
}

/** @returns false when somebody else was faster */
export async function markRevoked(db: Database, id: number, now: Date): Promise<boolean> {
  const rows = await db
    .update(apiKeys)
    .set({ revokedAt: now })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id })
  return rows.length > 0
}
