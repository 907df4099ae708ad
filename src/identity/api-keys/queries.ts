import { and, desc, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../context.ts'
import type { Database } from '../../db/client.ts'
import { apiKeys, users } from '../../db/schema/index.ts'
import { auditRow, auditRowIf } from '../../notices/audit/index.ts'

export type ApiKeyRow = typeof apiKeys.$inferSelect

type KeyCtx = Pick<Ctx, 'services' | 'clock' | 'actor' | 'clientIp' | 'userAgent' | 'requestId'>

export async function insertKey(
  ctx: KeyCtx,
  values: typeof apiKeys.$inferInsert,
): Promise<ApiKeyRow> {
  const { db } = ctx.services
  const { userId, keyPreview } = values
  const [rows] = await db.batch([
    db.insert(apiKeys).values(values).returning(),
    auditRow(ctx, { event: 'api_key.created', userId, details: { key_preview: keyPreview } }),
  ])
  const [row] = rows
  if (!row) throw new Error('the insert returned no row')
  return row
}

/** Neither deleted, nor made in the moment when all keys of its owner ended. */
const isAlive = sql`(${apiKeys.revokedAt} is null and ${apiKeys.tenure} = (
  select key_tenure from ${users} where ${users.id} = ${apiKeys.userId}))`

/** The person's keys that have not been deleted, newest first. */
export async function listKeys(db: Database, userId: number): Promise<ApiKeyRow[]> {
  return db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), isAlive))
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
    .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId), isAlive))
    .limit(1)
  return row ?? null
}

/** What an owner may change about a key. */
export type KeyChanges = Partial<
  Pick<
    typeof apiKeys.$inferInsert,
    | 'name'
    | 'description'
    | 'models'
    | 'requestsPerMinute'
    | 'quotaPerDay'
    | 'quotaPerMonth'
    | 'expiresAt'
    | 'isActive'
  >
>

/**
 * Changes a key that has not been deleted, with its audit row.
 *
 * @param fields names of what changes, as its owner knows them
 * @returns null when it has been deleted meanwhile
 */
export async function updateKey(
  ctx: KeyCtx,
  { id, userId }: Pick<ApiKeyRow, 'id' | 'userId'>,
  changes: KeyChanges,
  fields: readonly string[],
): Promise<ApiKeyRow | null> {
  const { db } = ctx.services
  const details = { id, fields: [...fields].sort().join(', ') }
  const [, rows] = await db.batch([
    auditRowIf(ctx, { event: 'api_key.updated', userId, details }, isThere(id)),
    db
      .update(apiKeys)
      .set(changes)
      .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
      .returning(),
  ])
  return rows[0] ?? null
}

/** @returns false when somebody else was faster */
export async function markRevoked(
  ctx: KeyCtx,
  { id, userId, keyPreview }: Pick<ApiKeyRow, 'id' | 'userId' | 'keyPreview'>,
): Promise<boolean> {
  const { db } = ctx.services
  const details = { id, key_preview: keyPreview }
  const [, rows] = await db.batch([
    auditRowIf(ctx, { event: 'api_key.deleted', userId, details }, isThere(id)),
    db
      .update(apiKeys)
      .set({ revokedAt: new Date(ctx.clock.now()) })
      .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
      .returning({ id: apiKeys.id }),
  ])
  return rows.length > 0
}

function isThere(id: number): SQL {
  return sql`exists (
    select from ${apiKeys} where ${apiKeys.id} = ${id} and ${apiKeys.revokedAt} is null)`
}
