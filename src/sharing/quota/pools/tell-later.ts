import type { Ctx } from '../../../context.ts'
import { isDatabaseOutage } from '../../../db/errors.ts'
import { sleep } from '../../../platform/timer.ts'
import { loadPoolsOf } from './load-pools.ts'
import { publishPools } from './publish-pools.ts'

/** When to look again, in milliseconds after the last time: what nobody waits for any more may still be at work. */
export const LATE_LOOKS_MS = [1_000, 4_000, 15_000]

export type TellCtx = Pick<Ctx, 'services' | 'clock' | 'waitUntil'>

/**
 * Writes what changes people's pools. If the database was not heard of in time, it may have been
 * written all the same: then the gate is told soon after how those pools stand, whatever came of it.
 *
 * @throws what `write` throws
 */
export async function writePools<Result>(
  ctx: TellCtx,
  userIds: readonly number[],
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write()
  } catch (error) {
    if (isDatabaseOutage(error)) ctx.waitUntil(tellLater(ctx, userIds))
    throw error
  }
}

async function tellLater(ctx: TellCtx, userIds: readonly number[]): Promise<void> {
  for (const wait of LATE_LOOKS_MS) {
    await sleep(wait)
    try {
      const { epoch } = ctx.services.leases
      await publishPools(ctx, await loadPoolsOf(ctx, userIds), epoch)
    } catch {
      // The database is not back yet.
    }
  }
}
