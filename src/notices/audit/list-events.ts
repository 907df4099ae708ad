import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { requirePermission } from '../../permissions.ts'
import { type AuditFilter, type AuditRow, listEvents } from './queries.ts'
import type { AuditEventView, AuditPage, AuditQuery, OwnEventsQuery } from './schemas.ts'

/** What happened to the person's own account. */
export async function listOwnEvents(
  ctx: Ctx,
  query: z.output<typeof OwnEventsQuery>,
): Promise<z.input<typeof AuditPage>> {
  const { userId } = requirePerson(ctx)
  const { items, next_cursor } = await page(ctx, {
    userId,
    beforeId: query.cursor,
    limit: query.limit,
  })
  return { items: items.map((item) => withoutOthersTraces(item, userId)), next_cursor }
}

/** Where an administrator sat is not the person's business. */
function withoutOthersTraces(item: z.input<typeof AuditEventView>, userId: number) {
  const isOthers = item.actor_user_id !== null && item.actor_user_id !== userId
  return isOthers ? { ...item, ip: null, user_agent: null } : item
}

/** What happened to anybody's account; for administrators. */
export async function listAllEvents(
  ctx: Ctx,
  query: z.output<typeof AuditQuery>,
): Promise<z.input<typeof AuditPage>> {
  requirePermission(ctx, 'audit:read')
  return page(ctx, {
    userId: query.user_id,
    events: query.event && [query.event],
    outcome: query.outcome,
    since: query.since ? new Date(query.since) : undefined,
    beforeId: query.cursor,
    limit: query.limit,
  })
}

async function page(ctx: Ctx, filter: AuditFilter): Promise<z.input<typeof AuditPage>> {
  const rows = await listEvents(ctx.services.db, { ...filter, limit: filter.limit + 1 })
  const shown = rows.slice(0, filter.limit)
  const last = shown.at(-1)
  return {
    items: shown.map(toView),
    next_cursor: rows.length > filter.limit && last ? String(last.id) : null,
  }
}

export function toView(row: AuditRow): z.input<typeof AuditEventView> {
  return {
    id: row.id,
    at: row.at.toISOString(),
    event: row.event,
    outcome: row.outcome,
    user_id: row.userId,
    actor_user_id: row.actorUserId,
    actor_type: row.actorType,
    ip: row.ip,
    user_agent: row.userAgent,
    request_id: row.requestId,
    details: row.details,
  }
}
