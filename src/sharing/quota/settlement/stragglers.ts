import type { Ctx } from '../../../context.ts'
import { allOrEach } from '../../../db/all-or-each.ts'
import {
  abandonedCalls,
  dropOpenCalls,
  logRow,
  type UsageRow,
  usageBacklog,
} from '../../../metering/usage/index.ts'
import { loadPoolsOf } from '../pools/load-pools.ts'
import { publishPools } from '../pools/publish-pools.ts'
import { noteDue } from './due-people.ts'
import { toSettledRow, useOf } from './ended-call.ts'
import { writeSettlement } from './write-settlement.ts'

type JobCtx = Pick<Ctx, 'services' | 'clock' | 'random' | 'config' | 'waitUntil' | 'logger'>

const PAGE = 500

/**
 * Writes what could not be written in its time: first the rows that wait in Redis, then the calls
 * whose process died under them. In this order, since a call that is over must not be taken for one
 * that was interrupted. Run by cron; running it twice at once is harmless.
 *
 * @returns how many rows were written
 */
export async function settleStragglers(ctx: JobCtx): Promise<number> {
  return (await writeBacklog(ctx)) + (await settleAbandoned(ctx))
}

function writeBacklog(ctx: JobCtx): Promise<number> {
  return usageBacklog.drain(
    ctx.services.redis,
    (rows) => writeAll(ctx, rows),
    (rows) => ctx.logger.log('error', 'usage_rows_unreadable', { rows }),
  )
}

async function settleAbandoned(ctx: JobCtx): Promise<number> {
  const { redis } = ctx.services
  const rows = await abandonedCalls(redis, ctx.clock.now())
  for (let at = 0; at < rows.length; at += PAGE) {
    const page = rows.slice(at, at + PAGE)
    await writeAll(ctx, page)
    await dropOpenCalls(
      redis,
      page.map((row) => row.id),
    )
  }
  return rows.length
}

async function writeAll(ctx: JobCtx, rows: readonly UsageRow[]): Promise<number> {
  // Before the rows are written: should this run die, the next one finds out what they have used.
  await noteDue(ctx, [...new Set(rows.filter(mayHaveUsed).map(({ userId }) => userId))])
  return allOrEach(
    rows,
    (some) => write(ctx, some),
    (row, error) => logRow(ctx, row, error),
  )
}

async function write(ctx: JobCtx, rows: readonly UsageRow[]): Promise<void> {
  const settled = await Promise.all(rows.map((row) => toSettledRow(ctx, row, mayHaveBeenCut(row))))
  // Whether the plug-in knows of them by now is for its consumption log to say.
  await writeSettlement(ctx, {
    rows: settled.map((row) => ({ ...row, isFinal: false })),
    consumed: [],
  })
  // Also of those that did not change: they may have been written before, unheard.
  const people = rows.map(({ userId }) => userId)
  const { epoch } = ctx.services.leases
  await publishPools(ctx, await loadPoolsOf(ctx, people), epoch)
}

/** The row does not say whether the AI service has failed, or was lost on the way. */
const mayHaveBeenCut = ({ errorCode }: UsageRow) => errorCode === 'upstream_error'

const mayHaveUsed = (row: UsageRow) => useOf(row, mayHaveBeenCut(row)) !== 'none'
