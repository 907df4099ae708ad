import type { Ctx } from '../../../context.ts'
import { archiveConsumption, archiveLedger, forgetDrops, forgetKeyUse } from './archive-queries.ts'

const DAY_MS = 86_400_000
/** Bounds one statement: well within a call's time limit. */
const PAGE = 5_000
/** Bounds one run; the next one goes on. */
const RUN_MS = 3 * 60_000
/** No budget counts what is older: a month, and days to spare. */
const KEY_USE_DAYS = 62

/**
 * Puts changes of pools, and what was drawn from accounts, together by month once they are older than
 * `USAGE_RETENTION_DAYS`; run by cron. Each statement does a part of it once and for all: a run that is
 * killed is continued by the next one.
 *
 * @returns how many rows were put together
 */
export async function archiveHistory(
  ctx: Pick<Ctx, 'services' | 'clock' | 'config'>,
): Promise<number> {
  const { db } = ctx.services
  const { USAGE_RETENTION_DAYS: kept } = ctx.config
  const now = ctx.clock.now()
  await forgetKeyUse(db, new Date(now - KEY_USE_DAYS * DAY_MS))
  if (kept === 0) return 0
  const before = new Date(now - kept * DAY_MS)
  let total = 0
  for (const archive of [archiveLedger, archiveConsumption, forgetDrops]) {
    for (;;) {
      if (ctx.clock.now() > now + RUN_MS) return total
      const count = await archive(db, before, PAGE)
      total += count
      if (count < PAGE) break
    }
  }
  return total
}
