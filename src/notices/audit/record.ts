import type { Ctx } from '../../context.ts'
import { errorName } from '../../platform/logger.ts'
import { withoutStoreTime } from '../../platform/store-time.ts'
import { deliverSoon, type NewOutboxRow } from '../mail/index.ts'
import type { AuditEvent } from './events.ts'
import { auditBacklog, type KeptEvent, logEvent } from './kept-event.ts'
import { insertEvent, valuesOf } from './queries.ts'

type RecordCtx = Pick<
  Ctx,
  | 'config'
  | 'services'
  | 'clock'
  | 'random'
  | 'actor'
  | 'clientIp'
  | 'userAgent'
  | 'requestId'
  | 'waitUntil'
  | 'logger'
>

/**
 * Writes down what changed nothing in the database (a failed login), after the answer has left, so
 * that it costs the caller no time and tells them nothing.
 */
export function recordSoon(ctx: RecordCtx, event: AuditEvent): void {
  ctx.waitUntil(withoutStoreTime(() => record(ctx, event)))
}

/**
 * The same at once: in PostgreSQL, else in Redis until cron finds PostgreSQL back, else in the log.
 * Never throws.
 *
 * @param mail about it, to the address of whom it concerns; null or without an address: none
 */
export async function record(
  ctx: RecordCtx,
  event: AuditEvent,
  mail: NewOutboxRow | null = null,
): Promise<void> {
  const row = valuesOf(ctx, event)
  try {
    await insertEvent(ctx.services.db, row, mail)
    deliverSoon(ctx, mail)
  } catch (error) {
    await keep(
      ctx,
      {
        id: ctx.random.uuid(),
        ...row,
        at: row.at.toISOString(),
        mail: mail && {
          ...mail,
          now: mail.now.toISOString(),
          expiresAt: mail.expiresAt.toISOString(),
        },
      },
      error,
    )
  }
}

async function keep(ctx: RecordCtx, event: KeptEvent, reason: unknown): Promise<void> {
  try {
    await auditBacklog.keep(ctx.services.redis, [event])
    ctx.logger.log('warn', 'audit_row_waits', {
      request_id: ctx.requestId,
      audit_event: event.event,
      error: errorName(reason),
    })
  } catch (error) {
    logEvent(ctx, event, error)
  }
}
