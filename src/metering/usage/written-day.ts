import type { Ctx } from '../../context.ts'

/**
 * A note in Redis of the last day (UTC) on which usage rows were written. Cron looks here first, so
 * that an idle deployment does not wake its database for a roll-up that would find nothing new.
 */
export const LAST_WRITTEN_DAY = 'usage:last-written-day'
/** Longer than rows can wait to be written. */
const TTL_SECONDS = 40 * 86_400

/** This isolate has said so already. */
let notedDay = ''

/**
 * Says that usage rows have been written or changed; call it after they were. Costs one Redis
 * command an isolate and day, and never fails: what the note has lost, a sweep finds.
 */
export async function noteUsageWritten(ctx: Pick<Ctx, 'services' | 'clock'>): Promise<void> {
  const today = new Date(ctx.clock.now()).toISOString().slice(0, 10)
  if (notedDay === today) return
  try {
    await ctx.services.redis.set(LAST_WRITTEN_DAY, today, { ex: TTL_SECONDS })
    notedDay = today
  } catch {
    // The next one says it.
  }
}
