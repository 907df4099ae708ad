import type { Ctx } from '../../context.ts'
import { isDatabaseOutage } from '../../db/errors.ts'
import { abandonedCalls, dropOpenCalls, dropRows, someRows } from './backlog.ts'
import { insertUsage } from './queries.ts'
import { logRow } from './record.ts'
import type { UsageRow } from './row.ts'

type JobCtx = Pick<Ctx, 'services' | 'clock' | 'logger'>

/** Bounds one run; the next one goes on. */
const MAX_PAGES = 50
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

async function writeBacklog(ctx: JobCtx): Promise<number> {
  const { redis } = ctx.services
  let written = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const { rows, unreadable } = await someRows(redis)
    if (rows.length + unreadable.length === 0) break
    if (unreadable.length > 0) {
      ctx.logger.log('error', 'usage_rows_unreadable', { rows: unreadable.length })
    }
    written += await writeAll(ctx, rows)
    await dropRows(redis, [...rows.map((row) => row.id), ...unreadable])
  }
  return written
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

/** All at once; if one of them is refused, one by one, so that it holds nobody else back. */
async function writeAll(ctx: JobCtx, rows: UsageRow[]): Promise<number> {
  if (rows.length === 0) return 0
  const { db } = ctx.services
  try {
    await insertUsage(db, rows)
    return rows.length
  } catch (error) {
    if (isDatabaseOutage(error)) throw error
  }
  let written = 0
  for (const row of rows) {
    try {
      await insertUsage(db, [row])
      written++
    } catch (error) {
      if (isDatabaseOutage(error)) throw error
      logRow(ctx, row, error)
    }
  }
  return written
}
