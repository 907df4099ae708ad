import { errorName, type LogFields } from '../../platform/logger.ts'
import { dropOpenCalls, keepRows } from './backlog.ts'
import { Batch, type BatchCtx } from './batch.ts'
import { insertUsage } from './queries.ts'
import type { UsageRow } from './row.ts'

interface Settled {
  row: UsageRow
  /** Whether Redis has been told that the call is under way. */
  hasLease: boolean
}

const batch = new Batch<Settled>(writeRows)

/** Has the row of a finished call written, with those of other calls that finish about now. */
export function recordUsage(ctx: BatchCtx, settled: Settled): void {
  batch.add(ctx, settled)
}

/**
 * PostgreSQL, else Redis until cron finds PostgreSQL back, else the log: one of them has the row in
 * the end. Never throws: the answers have left already.
 */
async function writeRows(ctx: BatchCtx, settled: Settled[]): Promise<void> {
  const { db, redis } = ctx.services
  const rows = settled.map(({ row }) => row)
  try {
    await insertUsage(db, rows)
  } catch (error) {
    return keepForLater(ctx, rows, error)
  }
  const leased = settled.filter(({ hasLease }) => hasLease).map(({ row }) => row.id)
  // A lease that stays behind costs a look of cron's, and nothing else: its row is there.
  await dropOpenCalls(redis, leased).catch(() => undefined)
}

async function keepForLater(ctx: BatchCtx, rows: UsageRow[], reason: unknown): Promise<void> {
  try {
    await keepRows(ctx.services.redis, rows)
    ctx.logger.log('warn', 'usage_rows_wait', { rows: rows.length, error: errorName(reason) })
  } catch (error) {
    for (const row of rows) logRow(ctx, row, error)
  }
}

/** The last resort: whoever runs the service can write the row by hand. */
export function logRow(ctx: Pick<BatchCtx, 'logger'>, row: UsageRow, error: unknown): void {
  const facts: LogFields = { ...row }
  ctx.logger.log('error', 'usage_row_not_written', { ...facts, error: errorName(error) })
}
