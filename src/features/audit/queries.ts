import { and, asc, desc, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../context.ts'
import type { Database } from '../../db/client.ts'
import { auditEvents } from '../../db/schema/index.ts'
import type { AuditEvent } from './events.ts'

export type AuditRow = typeof auditEvents.$inferSelect

type AuditCtx = Pick<Ctx, 'services' | 'clock' | 'actor' | 'clientIp' | 'userAgent' | 'requestId'>

const MAX_USER_AGENT = 200

/**
 * The row about something that is being changed: put it into the `db.batch` of the change, so that
 * either both are written or none.
 */
export function auditRow(ctx: AuditCtx, event: AuditEvent) {
  return ctx.services.db.insert(auditEvents).values(valuesOf(ctx, event))
}

/** The same for a change that may find nothing to change: written where `condition` holds at its place in the batch. */
export function auditRowIf(ctx: AuditCtx, event: AuditEvent, condition: SQL) {
  return insertSelected(ctx, event, sql`${event.userId}::integer`, condition)
}

/** The same about a person whom only the database knows; nothing is written about nobody. */
export function auditRowFor(ctx: AuditCtx, event: Omit<AuditEvent, 'userId'>, userId: SQL) {
  return insertSelected(ctx, { ...event, userId: null }, userId, sql`${userId} is not null`)
}

/** The same, also about nobody. */
export function auditRowAbout(ctx: AuditCtx, event: Omit<AuditEvent, 'userId'>, userId: SQL) {
  return insertSelected(ctx, { ...event, userId: null }, userId, sql`true`)
}

function insertSelected(ctx: AuditCtx, event: AuditEvent, userId: SQL, condition: SQL) {
  const row = valuesOf(ctx, event)
  return ctx.services.db.execute(sql`
    insert into ${auditEvents}
      (at, event, outcome, user_id, actor_user_id, actor_type, ip, user_agent, request_id, details)
    select ${row.at.toISOString()}::timestamptz, ${row.event}, ${row.outcome}, ${userId},
      ${row.actorUserId}::integer, ${row.actorType}, ${row.ip}, ${row.userAgent}, ${row.requestId},
      ${row.details ? JSON.stringify(row.details) : null}::jsonb
    where ${condition}`)
}

function valuesOf(ctx: AuditCtx, { event, userId, outcome = 'success', details }: AuditEvent) {
  const { actor } = ctx
  return {
    at: new Date(ctx.clock.now()),
    event,
    outcome,
    userId,
    actorUserId: 'userId' in actor ? actor.userId : null,
    actorType: actor.type,
    ip: ctx.clientIp,
    userAgent: ctx.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
    requestId: ctx.requestId,
    details: details ?? null,
  }
}

export interface AuditFilter {
  userId?: number | undefined
  events?: readonly string[] | undefined
  outcome?: 'success' | 'failure' | undefined
  /** Keyset: only rows older than this one. */
  beforeId?: number | undefined
  since?: Date | undefined
  limit: number
}

/** The newest events first. */
export async function listEvents(db: Database, filter: AuditFilter): Promise<AuditRow[]> {
  return db
    .select()
    .from(auditEvents)
    .where(
      and(
        filter.userId === undefined ? undefined : eq(auditEvents.userId, filter.userId),
        filter.events?.length ? inArray(auditEvents.event, [...filter.events]) : undefined,
        filter.outcome && eq(auditEvents.outcome, filter.outcome),
        filter.beforeId === undefined ? undefined : lt(auditEvents.id, filter.beforeId),
        filter.since && gte(auditEvents.at, filter.since),
      ),
    )
    .orderBy(desc(auditEvents.id))
    .limit(filter.limit)
}

/** Deletes the oldest rows, a bounded number at a time. */
export async function deleteOlderThan(db: Database, moment: Date, limit: number): Promise<number> {
  const oldest = db
    .select({ id: auditEvents.id })
    .from(auditEvents)
    .where(lt(auditEvents.at, moment))
    .orderBy(asc(auditEvents.at))
    .limit(limit)
  const rows = await db
    .delete(auditEvents)
    .where(inArray(auditEvents.id, oldest))
    .returning({ id: auditEvents.id })
  return rows.length
}
