import { and, desc, eq, sql } from 'drizzle-orm'
import type { Ctx } from '../../context.ts'
import type { Database } from '../../db/client.ts'
import { oauthClients, oauthConsents } from '../../db/schema/index.ts'
import { auditRow, auditRowIf } from '../../notices/audit/index.ts'

export type ConsentRow = typeof oauthConsents.$inferSelect

export async function findConsent(
  db: Database,
  userId: number,
  clientId: string,
): Promise<ConsentRow | null> {
  const [row] = await db
    .select()
    .from(oauthConsents)
    .where(and(eq(oauthConsents.userId, userId), eq(oauthConsents.clientId, clientId)))
    .limit(1)
  return row ?? null
}

/** What a person has agreed to, the newest first. */
export async function listConsents(db: Database, userId: number): Promise<ConsentRow[]> {
  return db
    .select()
    .from(oauthConsents)
    .where(eq(oauthConsents.userId, userId))
    .orderBy(desc(oauthConsents.updatedAt))
}

interface Agreement {
  userId: number
  clientId: string
  clientName: string
  scopes: string[]
}

/** Remembers what a person agrees to, on top of what they did before. */
export async function addConsent(
  ctx: Ctx,
  { userId, clientId, clientName, scopes }: Agreement,
): Promise<void> {
  const { db } = ctx.services
  const now = new Date(ctx.clock.now())
  const details = { client_id: clientId, client_name: clientName, scopes: scopes.join(' ') }
  await db.batch([
    db
      .insert(oauthConsents)
      .values({ userId, clientId, clientName, scopes, createdAt: now, updatedAt: now })
      .onConflictDoUpdate({
        target: [oauthConsents.userId, oauthConsents.clientId],
        set: {
          clientName,
          updatedAt: now,
          scopes: sql`(select array_agg(distinct one)
            from unnest(${oauthConsents.scopes} || excluded.scopes) one)`,
        },
      }),
    auditRow(ctx, { event: 'oauth.consented', userId, details }),
  ])
}

/** @returns false when they had agreed to nothing of it */
export async function removeConsent(ctx: Ctx, userId: number, clientId: string): Promise<boolean> {
  const { db } = ctx.services
  const isThere = sql`exists (select from ${oauthConsents}
    where user_id = ${userId} and client_id = ${clientId})`
  const details = { client_id: clientId }
  const [, rows] = await db.batch([
    auditRowIf(ctx, { event: 'oauth.grant_ended', userId, details }, isThere),
    db
      .delete(oauthConsents)
      .where(and(eq(oauthConsents.userId, userId), eq(oauthConsents.clientId, clientId)))
      .returning({ clientId: oauthConsents.clientId }),
  ])
  return rows.length > 0
}

/** Notes that a client is in use, once a day. */
export async function noteUse(db: Database, clientId: string, now: Date): Promise<void> {
  await db
    .update(oauthClients)
    .set({ lastUsedAt: now })
    .where(
      and(
        eq(oauthClients.clientId, clientId),
        sql`(${oauthClients.lastUsedAt} is null
          or ${oauthClients.lastUsedAt} < ${now.toISOString()}::timestamptz - interval '1 day')`,
      ),
    )
}
