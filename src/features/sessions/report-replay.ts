import type { Ctx } from '../../context.ts'
import { errorName } from '../../platform/logger.ts'
import { composeMail, deliverSoon } from '../mail/index.ts'
import { insertReplayReport } from './queries.ts'

/**
 * Tells the owner, in the audit log and by mail, that somebody used a refresh token twice. The
 * session has ended already; a report that fails is logged and keeps nobody waiting.
 */
export function reportReplay(ctx: Ctx, userId: number): void {
  ctx.waitUntil(
    report(ctx, userId).catch((error) =>
      ctx.logger.log('error', 'audit_failed', {
        request_id: ctx.requestId,
        audit_event: 'session.refresh_reused',
        error: errorName(error),
      }),
    ),
  )
}

async function report(ctx: Ctx, userId: number): Promise<void> {
  const mail = await composeMail(ctx, { kind: 'refresh_reused' })
  await insertReplayReport(ctx, userId, mail)
  deliverSoon(ctx, mail)
}
