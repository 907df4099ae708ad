import type { Ctx } from '../../../context.ts'

/**
 * A note in Redis that some pool is below its ceiling. Cron looks here first, so that an idle
 * deployment does not wake its database every hour. Losing the note loses nothing: recovery is worked
 * out whenever somebody looks, and the next call leaves a new one.
 */
const KEY = 'once:quota-recovering'
const TTL_SECONDS = 30 * 86_400
/** How often an isolate repeats it. */
const REPEAT_MS = 10 * 60_000

let notedAt = 0

type MarkerCtx = Pick<Ctx, 'services' | 'clock'>

export async function noteRecovering({ services, clock }: MarkerCtx): Promise<void> {
  const now = clock.now()
  if (now - notedAt < REPEAT_MS) return
  notedAt = now
  await services.redis.set(KEY, '1', { ex: TTL_SECONDS }).catch(() => {
    notedAt = 0
  })
}

export async function isAnyNoted({ services }: MarkerCtx): Promise<boolean> {
  return (await services.redis.exists(KEY)) > 0
}

/** Takes the note away; before looking whether it is still true, so that a new one is not lost. */
export async function dropNote({ services }: MarkerCtx): Promise<void> {
  notedAt = 0
  await services.redis.del(KEY)
}
