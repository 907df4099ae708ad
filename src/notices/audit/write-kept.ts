import type { Ctx } from '../../context.ts'
import { allOrEach } from '../../db/all-or-each.ts'
import { mailMarker } from '../mail/index.ts'
import { auditBacklog, type KeptEvent, logEvent } from './kept-event.ts'
import { insertKept } from './queries.ts'

/**
 * Writes the events that waited in Redis while PostgreSQL was away, with the mails about them. Run by
 * cron; running it twice at once is harmless.
 *
 * @returns how many events were written
 */
export function writeKeptEvents(ctx: Ctx): Promise<number> {
  return auditBacklog.drain(
    ctx.services.redis,
    (events) => writeAll(ctx, events),
    (events) => ctx.logger.log('error', 'audit_rows_unreadable', { events }),
  )
}

async function writeAll(ctx: Ctx, events: readonly KeptEvent[]): Promise<number> {
  // Before there is a mail: should this run die, the mails' own job finds it.
  if (events.some(({ mail }) => mail !== null)) await mailMarker.note(ctx)
  return allOrEach(
    events,
    (some) => insertKept(ctx.services.db, some),
    (event, error) => logEvent(ctx, event, error),
  )
}
