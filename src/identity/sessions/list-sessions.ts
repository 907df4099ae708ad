import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { recordSoon } from '../../notices/audit/index.ts'
import { describeDevice } from './device.ts'
import { endSession } from './end-sessions.ts'
import type { Session } from './schemas.ts'
import { findSessions, type SessionRecord } from './store.ts'

/**
 * Somebody's sessions, the last used first.
 *
 * @param userId whose; the caller's own unless the caller has asked whether they may see others'
 */
export async function listSessions(
  ctx: Ctx,
  userId = requirePerson(ctx).userId,
): Promise<z.input<typeof Session>[]> {
  const records = await findSessions(ctx.services.redis, userId, ctx.clock.now())
  return records.sort((a, b) => b.lastSeenAt - a.lastSeenAt).map((record) => toSession(ctx, record))
}

/**
 * Ends one of the person's sessions.
 *
 * @throws {AppError} `not_found`, also for somebody else's
 */
export async function endOwnSession(ctx: Ctx, sessionId: string): Promise<void> {
  const { userId } = requirePerson(ctx)
  if (!(await endSession(ctx, userId, sessionId)))
    throw new AppError('not_found', 'You have no session with this id.')
  recordSoon(ctx, { event: 'session.ended', userId })
}

function toSession(ctx: Ctx, record: SessionRecord): z.input<typeof Session> {
  const iso = (ms: number) => new Date(ms).toISOString()
  return {
    id: record.sessionId,
    device: describeDevice(record.userAgent),
    user_agent: record.userAgent,
    ip: record.ip,
    created_at: iso(record.createdAt),
    last_seen_at: iso(record.lastSeenAt),
    authenticated_at: iso(record.authenticatedAt),
    expires_at: iso(record.endsAt),
    current: ctx.actor.type === 'session' && ctx.actor.sessionId === record.sessionId,
  }
}
