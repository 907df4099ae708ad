import type { Ctx } from '../../../context.ts'
import { isAnyRecovering, recoverPage } from './pool-queries.ts'
import { dropNote, isAnyNoted, noteRecovering } from './recovering-marker.ts'

const HOUR_MS = 3_600_000
/** Bounds one statement: well within a call's time limit. */
const PAGE = 5_000
/** Bounds one run; the next one goes on. */
const MAX_PAGES = 400

/**
 * Writes the recovery of all pools down, up to the last full hour; run by cron. What a pool has
 * recovered is worked out from when it was last written down, so that a run that is missed, doubled,
 * parallel or broken off changes nothing.
 *
 * @returns how many pools were written
 */
export async function recoverPools(ctx: Pick<Ctx, 'services' | 'clock'>): Promise<number> {
  const { db } = ctx.services
  if (!(await isAnyNoted(ctx))) return 0
  const until = new Date(Math.floor(ctx.clock.now() / HOUR_MS) * HOUR_MS)
  let written = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const count = await recoverPage(db, until, PAGE)
    written += count
    if (count < PAGE) break
  }
  await dropNote(ctx)
  if (await isAnyRecovering(db)) await noteRecovering(ctx)
  return written
}
