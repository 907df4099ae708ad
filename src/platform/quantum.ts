import type { Clock } from './clock.ts'
import { sleep } from './timer.ts'

/**
 * Waits until a whole multiple of a time has passed since a moment, so that how long it takes does
 * not tell what has been done since then.
 *
 * @param sinceMs milliseconds since the epoch
 * @param quantumMs 0: does not wait
 */
export async function untilMultiple(
  clock: Clock,
  sinceMs: number,
  quantumMs: number,
): Promise<void> {
  if (quantumMs === 0) return
  // The clock of a Worker stands still while it computes: only after some waiting does it show how long.
  await sleep(0)
  await sleep(quantumMs - ((clock.now() - sinceMs) % quantumMs))
}
