import type { Ctx } from '../../context.ts'
import { errorName } from '../../platform/logger.ts'
import type { AuditEvent } from './events.ts'
import { auditRow } from './queries.ts'

type RecordCtx = Pick<
  Ctx,
  'services' | 'clock' | 'actor' | 'clientIp' | 'userAgent' | 'requestId' | 'waitUntil' | 'logger'
>

/**
 * Writes down what changed nothing in the database (a failed login), after the answer has left, so
 * that it costs the caller no time and tells them nothing.
 */
export function recordSoon(ctx: RecordCtx, event: AuditEvent): void {
  ctx.waitUntil(
    Promise.resolve(auditRow(ctx, event)).catch((error) =>
      ctx.logger.log('error', 'audit_failed', {
        request_id: ctx.requestId,
        audit_event: event.event,
        error: errorName(error),
      }),
    ),
  )
}
