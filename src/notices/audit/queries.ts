import { and, asc, desc, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../context.ts'
import { atomically } from '../../db/batch.ts'
import type { Database } from '../../db/client.ts'
import { auditEvents, users } from '../../db/schema/index.ts'
import { type NewOutboxRow, outboxRowFor } from '../mail/index.ts'
import type { AuditEvent } from './events.ts'
import type { KeptEvent } from './kept-event.ts'

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

/** The row that says so, as of now. */
export function valuesOf(
  ctx: AuditCtx,
  { event, userId, outcome = 'success', details }: AuditEvent,
) {
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

/** Writes an event down, and the mail about it to the address of whom it concerns. */
export async function insertEvent(
  db: Database,
  row: ReturnType<typeof valuesOf>,
  mail: NewOutboxRow | null,
): Promise<void> {
  await atomically(db, [
    db.insert(auditEvents).values(row),
    mail && outboxRowFor(db, mail, addressOf(row.userId, sql`true`)),
  ])
}

function addressOf(userId: number | null, condition: SQL): SQL {
  return sql`select ${users.id}, ${users.email} from ${users}
    where ${users.id} = ${userId}::integer and ${users.email} is not null and ${condition}`
}

/** Whoever writes what was kept holds this lock; the number has no meaning. */
const KEPT_LOCK = 723_641_191

/**
 * Writes events that were kept, each once: one that has been written already, unheard or by another
 * run, is known by its moment, its request, its name and its person. Of people who are gone by now
 * nothing is said but that it happened.
 */
export async function insertKept(db: Database, events: readonly KeptEvent[]): Promise<void> {
  const rows = events.map(({ id: _, mail: __, ...row }) => row)
  await atomically(db, [
    db.execute(sql`select pg_advisory_xact_lock(${KEPT_LOCK}::bigint)`),
    ...events.map(({ mail, ...event }) => {
      if (!mail) return null
      const { now, expiresAt } = mail
      const row = { ...mail, now: new Date(now), expiresAt: new Date(expiresAt) }
      const isNew = sql`not exists (select 1 from ${auditEvents} known
        where known.at = ${event.at}::timestamptz and known.request_id = ${event.requestId}
          and known.event = ${event.event} and known.user_id = ${event.userId}::integer)`
      return outboxRowFor(db, row, addressOf(event.userId, isNew))
    }),
    db.execute(sql`
      insert into ${auditEvents}
        (at, event, outcome, user_id, actor_user_id, actor_type, ip, user_agent, request_id, details)
      select kept.at, kept.event, kept.outcome, person.id, actor.id, kept."actorType",
        case when is_known then kept.ip end, case when is_known then kept."userAgent" end,
        kept."requestId", kept.details
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as kept(
        at timestamptz, event text, outcome text, "userId" integer, "actorUserId" integer,
        "actorType" text, ip text, "userAgent" text, "requestId" text, details jsonb)
      left join ${users} person on person.id = kept."userId"
      left join ${users} actor on actor.id = kept."actorUserId"
      cross join lateral (select (kept."userId" is null or person.id is not null)
        and (kept."actorUserId" is null or actor.id is not null) as is_known) people
      where not exists (
        select 1 from ${auditEvents} known
        where known.at = kept.at and known.request_id = kept."requestId"
          and known.event = kept.event and known.user_id is not distinct from person.id)
      order by kept.at`),
  ])
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
