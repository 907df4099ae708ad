import type { Ctx } from '../../../context.ts'
import { uniqueViolation } from '../../../db/errors.ts'
import { noteUsageWritten } from '../../../metering/usage/index.ts'
import { type PendingMeter, readPending } from '../drops/past-queries.ts'
import { sharePending } from '../drops/share-pending.ts'
import { noticesOf, noticesWait } from '../notices/notices.ts'
import { noteFellThrough } from '../own/fell-through.ts'
import { loadPoolsOf } from '../pools/load-pools.ts'
import type { ChangedPool } from '../pools/pool-queries.ts'
import { noteRecovering } from '../pools/recovering-marker.ts'
import { writePools } from '../pools/tell-later.ts'
import { keepReservesSoon } from '../reserve/keep-reserves.ts'
import { noteEndedModels } from '../switches/note-ended.ts'
import { noteBooked } from './consumption.ts'
import { type Recorded, record, type Settlement } from './settlement-queries.ts'

type WriteCtx = Pick<Ctx, 'services' | 'clock' | 'random' | 'config' | 'waitUntil' | 'logger'>

/** When two write the same person's calls, or open the same pool, at once, one has to come again. */
const ATTEMPTS = 3

/**
 * Writes what calls have used into the books, and shares out what accounts have lost. Where the
 * second does not come about, it is made up for by whoever settles something of that account, or of
 * that person, next.
 *
 * @param others people of whom something may wait to be shared out
 */
export async function writeSettlement(
  ctx: WriteCtx,
  { rows, consumed }: Pick<Settlement, 'rows' | 'consumed'>,
  others: readonly number[] = [],
): Promise<ChangedPool[]> {
  if (rows.length + consumed.length + others.length === 0) return []
  const { services } = ctx
  const people = [...[...rows, ...consumed].map(({ userId }) => userId), ...others]
  const cookieIds = consumed.map(({ cookieId }) => cookieId)
  // What is counted by tokens, or used nothing, waits for no account.
  const mayWait =
    consumed.length + others.length > 0 ||
    rows.some(({ charge, mayHaveUsed }) => charge === null && mayHaveUsed)
  return writePools(ctx, people, async () => {
    const settlement = { rows, consumed, reserve: ctx.config.LENDER_RESERVE, ...drawingOf(ctx) }
    const after = mayWait ? readPending(services.db, cookieIds, people) : null
    const recorded = await again(() => record(services.db, settlement, after))
    noteBooked(consumed.filter(({ logId }) => !recorded.waiting.has(logId)))
    ctx.waitUntil(noteUsageWritten(ctx))
    if (recorded.isAnyFallen) keepReservesSoon(ctx)
    const own = new Set(consumed.map(({ logId }) => logId))
    const { pools, isOvertaken } = await sharePending(ctx, pendingOf(recorded), own, () =>
      drawingOf(ctx),
    )
    const changed = [...recorded.pools, ...pools]
    if (changed.length > 0) ctx.waitUntil(noteRecovering(ctx))
    if (changed.some(({ isTold }) => isTold)) noticesWait(ctx)
    ctx.waitUntil(noteFellThrough(ctx, consumed, changed))
    noteEndedModels(ctx, consumed)
    // What somebody else has shared out meanwhile has changed these people's pools, too.
    return isOvertaken ? [...changed, ...(await loadPoolsOf(ctx, people))] : changed
  })
}

const pendingOf = ({ found }: Recorded) => (found as { rows: PendingMeter[] } | null)?.rows ?? []

function drawingOf(ctx: WriteCtx) {
  const key = ctx.random.uuid()
  const at = new Date(ctx.clock.now())
  return { bases: ctx.config.poolBases, at, notices: noticesOf(ctx, key) }
}

async function again(work: () => Promise<Recorded>): Promise<Recorded> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= ATTEMPTS || !uniqueViolation(error)) throw error
    }
  }
}
