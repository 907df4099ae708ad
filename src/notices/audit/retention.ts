import type { Ctx } from '../../context.ts'
import { deleteOlderThan } from './queries.ts'

const DAY_MS = 86_400_000
const BATCH = 5_000
const MAX_BATCHES = 20

/** Deletes what is older than `AUDIT_RETENTION_DAYS`; run by cron. */
export async function expireAuditEvents(ctx: Ctx): Promise<number> {
  const before = new Date(ctx.clock.now() - ctx.config.AUDIT_RETENTION_DAYS * DAY_MS)
  let total = 0
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const deleted = await deleteOlderThan(ctx.services.db, before, BATCH)
    total += deleted
    if (deleted < BATCH) break
  }
  return total
}
