import type { Ctx } from '../../../context.ts'
import { uniqueViolation } from '../../../db/errors.ts'
import { noteUsageWritten } from '../../../metering/usage/index.ts'
import { noticesOf, noticesWait } from '../notices/notices.ts'
import type { ChangedPool } from '../pools/pool-queries.ts'
import { noteRecovering } from '../pools/recovering-marker.ts'
import { writePools } from '../pools/tell-later.ts'
import { keepReservesSoon } from '../reserve/keep-reserves.ts'
import { noteBooked } from './consumption.ts'
import { type Settlement, settle } from './settlement-queries.ts'

type WriteCtx = Pick<Ctx, 'services' | 'clock' | 'random' | 'config' | 'waitUntil' | 'logger'>

/** When two open the same pool at once, one of them has to come again. */
const ATTEMPTS = 3

/** Writes what calls have used into the books, all of it or nothing. */
export async function writeSettlement(
  ctx: WriteCtx,
  { rows, consumed }: Pick<Settlement, 'rows' | 'consumed'>,
): Promise<ChangedPool[]> {
  if (rows.length + consumed.length === 0) return []
  const { services, clock, random, config } = ctx
  const key = random.uuid()
  const settlement = {
    rows,
    consumed,
    bases: config.poolBases,
    at: new Date(clock.now()),
    key,
    notices: noticesOf(ctx, key),
    reserve: config.LENDER_RESERVE,
  }
  const people = [...rows, ...consumed].map(({ userId }) => userId)
  for (let attempt = 1; ; attempt++) {
    try {
      const { pools: changed, isAnyFallen } = await writePools(ctx, people, () =>
        settle(services.db, settlement),
      )
      noteBooked(consumed)
      ctx.waitUntil(noteUsageWritten(ctx))
      if (changed.length > 0) ctx.waitUntil(noteRecovering(ctx))
      if (changed.some(({ isTold }) => isTold)) noticesWait(ctx)
      if (isAnyFallen) keepReservesSoon(ctx)
      return changed
    } catch (error) {
      if (attempt >= ATTEMPTS || !uniqueViolation(error)) throw error
    }
  }
}
