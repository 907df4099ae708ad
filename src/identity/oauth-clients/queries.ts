import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../context.ts'
import type { Database } from '../../db/client.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { oauthClients, oauthConsents, users } from '../../db/schema/index.ts'
import { type AuditEventName, auditRowIf } from '../../notices/audit/index.ts'

export type ClientRow = typeof oauthClients.$inferSelect & { people: number }
export type NewClient = typeof oauthClients.$inferInsert

// By their tables' names: drizzle leaves these out of what is selected from one table.
const people = sql<number>`(select count(*)::int from ${oauthConsents}
  where ${oauthConsents}.client_id = ${oauthClients}.client_id)`

const selected = (db: Database) =>
  db.select({ client: oauthClients, people: people.as('people') }).from(oauthClients)

const toRow = ({ client, people }: { client: typeof oauthClients.$inferSelect; people: number }) =>
  ({ ...client, people }) satisfies ClientRow

/** The newest first. @param owner null: all */
export async function listClients(db: Database, owner: number | null): Promise<ClientRow[]> {
  const rows = await selected(db)
    .where(owner === null ? undefined : eq(oauthClients.ownerUserId, owner))
    .orderBy(desc(oauthClients.createdAt))
    .limit(1_000)
  return rows.map(toRow)
}

export async function readClient(db: Database, clientId: string): Promise<ClientRow | null> {
  const [row] = await selected(db).where(eq(oauthClients.clientId, clientId)).limit(1)
  return row ? toRow(row) : null
}

/**
 * @param mostOwn as many may one owner have
 * @returns `taken` when there is one of this id already
 */
export async function insertClient(
  ctx: Ctx,
  client: NewClient,
  mostOwn: number,
): Promise<'inserted' | 'taken' | 'too many'> {
  const { db } = ctx.services
  const { clientId, name, ownerUserId: owner = null } = client
  const created = eventOf(ctx, 'oauth_client.created', clientId, { name })
  try {
    const [, , excess] = await db.batch([
      // Two at once are counted one after the other.
      db.execute(sql`select id from ${users} where id = ${owner}::integer for update`),
      db.insert(oauthClients).values(client),
      db
        .delete(oauthClients)
        .where(
          and(
            eq(oauthClients.clientId, clientId),
            sql`(select count(*) from ${oauthClients} where owner_user_id = ${owner}::integer)
              > ${mostOwn}::integer`,
          ),
        )
        .returning({ clientId: oauthClients.clientId }),
      auditRowIf(ctx, created, isThere(clientId)),
    ])
    return excess.length > 0 ? 'too many' : 'inserted'
  } catch (error) {
    if (uniqueViolation(error)) return 'taken'
    throw error
  }
}

/** What people had agreed to of the clients of somebody who is deleted; the clients go with their owner. */
export function deleteConsentsToOwn(db: Database, userId: number, condition: SQL) {
  return db.delete(oauthConsents).where(
    sql`${oauthConsents.clientId} in (select client_id from ${oauthClients}
      where owner_user_id = ${userId}) and ${condition}`,
  )
}

/** The ids of somebody's own clients. */
export async function ownClientIds(db: Database, userId: number): Promise<string[]> {
  const rows = await db
    .select({ id: oauthClients.clientId })
    .from(oauthClients)
    .where(eq(oauthClients.ownerUserId, userId))
  return rows.map(({ id }) => id)
}

/** @returns false when there is none of this id any more */
export async function changeClient(
  ctx: Ctx,
  clientId: string,
  changes: Partial<NewClient>,
  event: 'oauth_client.updated' | 'oauth_client.secret_replaced',
): Promise<boolean> {
  const { db } = ctx.services
  const details = { fields: Object.keys(changes).sort().join(', ') }
  const [, rows] = await db.batch([
    auditRowIf(ctx, eventOf(ctx, event, clientId, details), isThere(clientId)),
    db
      .update(oauthClients)
      .set({ ...changes, updatedAt: new Date(ctx.clock.now()) })
      .where(eq(oauthClients.clientId, clientId))
      .returning({ clientId: oauthClients.clientId }),
  ])
  return rows.length > 0
}

/** The client, and what people had agreed to. @returns false when there was none of this id */
export async function deleteClientRow(ctx: Ctx, clientId: string): Promise<boolean> {
  const { db } = ctx.services
  const [, , rows] = await db.batch([
    auditRowIf(ctx, eventOf(ctx, 'oauth_client.deleted', clientId), isThere(clientId)),
    db.delete(oauthConsents).where(eq(oauthConsents.clientId, clientId)),
    db
      .delete(oauthClients)
      .where(eq(oauthClients.clientId, clientId))
      .returning({ clientId: oauthClients.clientId }),
  ])
  return rows.length > 0
}

function eventOf(
  { actor }: Ctx,
  event: AuditEventName,
  clientId: string,
  details: Record<string, string> = {},
) {
  const userId = 'userId' in actor ? actor.userId : null
  return { event, userId, details: { client_id: clientId, ...details } }
}

const isThere = (clientId: string) =>
  sql`exists (select from ${oauthClients} where ${oauthClients.clientId} = ${clientId})`

/** Registered by themselves a day ago and never used, or not for a quarter of a year. */
export async function deleteUnusedClients(db: Database, now: Date): Promise<number> {
  const at = sql`${now.toISOString()}::timestamptz`
  const rows = await db
    .delete(oauthClients)
    .where(
      and(
        eq(oauthClients.source, 'registration'),
        sql`(${oauthClients.lastUsedAt} is null and ${oauthClients.createdAt} < ${at} - interval '1 day'
          or ${oauthClients.lastUsedAt} < ${at} - interval '90 days')`,
      ),
    )
    .returning({ clientId: oauthClients.clientId })
  return rows.length
}
