import { and, asc, eq, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { webhookOutbox } from '../../db/schema/index.ts'

export type WebhookRow = typeof webhookOutbox.$inferSelect

/** How long a message is worth trying. */
const LIFE = '3 days'

/**
 * Writes messages; for the statement that makes what they report happen.
 *
 * @param type name of the event
 * @param source a `select` of id, user_id and the event's data as JSON
 */
export function webhookRows(type: string, source: SQL, at: Date): SQL {
  const moment = sql`${at.toISOString()}::timestamptz`
  return sql`
    insert into ${webhookOutbox}
      (id, user_id, type, body, next_attempt_at, created_at, expires_at)
    select id, user_id, ${type}, json_build_object('type', ${type}::text,
      'timestamp', ${at.toISOString()}::text, 'data', data)::text,
      ${moment}, ${moment}, ${moment} + interval '${sql.raw(LIFE)}'
    from (${source}) as event(id, user_id, data)`
}

/** Takes the right to make the next attempt at some that are due, for everybody. */
export async function claimWebhooks(
  db: Database,
  now: Date,
  nextAttemptAt: Date,
  limit: number,
): Promise<WebhookRow[]> {
  const due = db
    .select({ id: webhookOutbox.id })
    .from(webhookOutbox)
    .where(lte(webhookOutbox.nextAttemptAt, now))
    .orderBy(asc(webhookOutbox.nextAttemptAt))
    .limit(limit)
    .for('update', { skipLocked: true })
  return db
    .update(webhookOutbox)
    .set({ attempts: sql`${webhookOutbox.attempts} + 1`, nextAttemptAt })
    .where(sql`${webhookOutbox.id} in (${due})`)
    .returning()
}

export async function deleteWebhook(db: Database, id: string): Promise<void> {
  await db.delete(webhookOutbox).where(eq(webhookOutbox.id, id))
}

export async function postponeWebhook(
  db: Database,
  { id, attempts }: WebhookRow,
  nextAttemptAt: Date,
): Promise<void> {
  await db
    .update(webhookOutbox)
    .set({ nextAttemptAt })
    .where(and(eq(webhookOutbox.id, id), eq(webhookOutbox.attempts, attempts)))
}

/** When the next attempt is due; null: nothing waits. */
export async function nextWebhookAt(db: Database): Promise<Date | null> {
  const [row] = await db
    .select({ at: webhookOutbox.nextAttemptAt })
    .from(webhookOutbox)
    .orderBy(asc(webhookOutbox.nextAttemptAt))
    .limit(1)
  return row?.at ?? null
}

/** @returns how many were given up */
export async function deleteExpiredWebhooks(db: Database, now: Date): Promise<number> {
  const rows = await db
    .delete(webhookOutbox)
    .where(lt(webhookOutbox.expiresAt, now))
    .returning({ id: webhookOutbox.id })
  return rows.length
}
