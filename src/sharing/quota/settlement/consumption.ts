import * as z from 'zod'
import type { Ctx } from '../../../context.ts'
import { defaultGroup, modelFacts } from '../../../metering/catalog/index.ts'
import { fromUnits } from '../../../platform/units.ts'
import { PluginError } from '../../../ports/plugin-client.ts'
import { openPluginKey } from '../../plugin/index.ts'
import { noteNoConsumptionLog } from '../metering.ts'
import type { ConsumedRow } from './settlement-queries.ts'

type ReadCtx = Pick<Ctx, 'services' | 'clock' | 'config' | 'waitUntil'>

const MIN_ROWS = 50
const MAX_ROWS = 5_000
const ROWS_PER_CALL = 4
const MAX_WATERMARKS = 10_000

const numeric = z.coerce.number()

/** The plug-in's row; numbers come as text, the time as ISO. */
const LogRow = z.object({
  log_id: z.string().min(1).max(200),
  cookie_id: z.string(),
  model_name: z.string(),
  quota_before: numeric,
  quota_after: numeric,
  is_shared: numeric,
  consumed_at: z.string(),
})

/** The newest row that this isolate has booked, by person, on the plug-in's clock. */
const newestSeen = new Map<number, string>()

/** Whose consumption is read. */
export interface Consumer {
  userId: number
  pluginKeyCiphertext: string
}

/**
 * Reads somebody's newest consumption rows from the plug-in, those included that are in the books
 * already. Goes back as far as this isolate has booked before, since the plug-in's clock may differ
 * from ours.
 *
 * @param calls how many calls have ended since
 * @returns null where the plug-in keeps no such log
 * @throws {PluginError}
 */
export async function readConsumption(
  ctx: ReadCtx,
  consumer: Consumer,
  calls: number,
): Promise<ConsumedRow[] | null> {
  const { plugin } = ctx.services
  if (!plugin) return null
  const { userId, pluginKeyCiphertext } = consumer
  const key = await openPluginKey(ctx, userId, pluginKeyCiphertext)
  const known = newestSeen.get(userId)
  let limit = Math.min(MAX_ROWS, Math.max(MIN_ROWS, calls * ROWS_PER_CALL))
  for (;;) {
    const page = await plugin
      .call(
        { as: 'user', key },
        { method: 'GET', path: `/api/quotas/consumption?limit=${limit}` },
        z.array(LogRow),
      )
      .catch((error: unknown) => {
        if (!(error instanceof PluginError && error.status === 404)) throw error
        noteNoConsumptionLog(ctx)
        return null
      })
    if (!page) return null
    const oldest = page.at(-1)?.consumed_at
    const mayBeMore = page.length >= limit && known !== undefined && (oldest ?? '') > known
    if (!mayBeMore || limit >= MAX_ROWS) {
      return Promise.all(page.map((row) => toConsumed(ctx, userId, row)))
    }
    limit = Math.min(MAX_ROWS, limit * ROWS_PER_CALL)
  }
}

/** What was read may wait for its call so long. */
const UNBOOKED_MS = 60_000

/** Those rows are in the books, but for the newest: reading need not go back beyond them. */
export function noteBooked(rows: readonly ConsumedRow[]): void {
  for (const { userId, consumedAt: readUntil } of rows) {
    const consumedAt = new Date(Date.parse(readUntil) - UNBOOKED_MS).toISOString()
    if (consumedAt <= (newestSeen.get(userId) ?? '')) continue
    if (newestSeen.size >= MAX_WATERMARKS) newestSeen.clear()
    newestSeen.set(userId, consumedAt)
  }
}

async function toConsumed(
  ctx: ReadCtx,
  userId: number,
  row: z.output<typeof LogRow>,
): Promise<ConsumedRow> {
  const { group } = await modelFacts(ctx, row.model_name)
  return {
    logId: row.log_id,
    userId,
    group,
    meter: defaultGroup(row.model_name),
    cookieId: row.cookie_id,
    model: row.model_name,
    isShared: row.is_shared === 1,
    quotaBefore: fromUnits(row.quota_before),
    quotaAfter: fromUnits(row.quota_after),
    consumedAt: new Date(row.consumed_at).toISOString(),
  }
}
