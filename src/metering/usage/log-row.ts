import { errorName, type LogFields } from '../../platform/logger.ts'
import type { BatchCtx } from './batch.ts'
import type { UsageRow } from './row.ts'

/** The last resort: whoever runs the service can write the row by hand. */
export function logRow(ctx: Pick<BatchCtx, 'logger'>, row: UsageRow, error: unknown): void {
  const facts: LogFields = { ...row }
  ctx.logger.log('error', 'usage_row_not_written', { ...facts, error: errorName(error) })
}
