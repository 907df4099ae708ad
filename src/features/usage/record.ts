import type { Ctx } from '../../context.ts'
import { errorName, type LogFields } from '../../platform/logger.ts'
import { insertUsage, type UsageRow } from './queries.ts'

/** Writes one gateway call into the books. Never throws: the answer has left already. */
export async function recordUsage(
  ctx: Pick<Ctx, 'services' | 'logger'>,
  row: UsageRow,
): Promise<void> {
  try {
    await insertUsage(ctx.services.db, [row])
  } catch (error) {
    const facts: LogFields = Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value instanceof Date ? value.toISOString() : value,
      ]),
    )
    ctx.logger.log('error', 'usage_row_not_written', { ...facts, error: errorName(error) })
  }
}
