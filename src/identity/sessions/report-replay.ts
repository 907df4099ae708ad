import type { Ctx } from '../../context.ts'
import { record } from '../../notices/audit/index.ts'
import { composeMail } from '../../notices/mail/index.ts'
import { withoutStoreTime } from '../../platform/store-time.ts'

/**
 * Tells the owner, in the audit log and by mail, that somebody used a refresh token twice. The
 * session has ended already; what cannot be written now is written later, and keeps nobody waiting.
 */
export function reportReplay(ctx: Ctx, userId: number): void {
  ctx.waitUntil(withoutStoreTime(() => report(ctx, userId)))
}

async function report(ctx: Ctx, userId: number): Promise<void> {
  const mail = await composeMail(ctx, { kind: 'refresh_reused' })
  await record(ctx, { event: 'session.refresh_reused', userId, outcome: 'failure' }, mail)
}
