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
const MAX_PEOPLE = 1_000
/** So much later than its time a row may be seen, and others before it. */
const LATE_MS = 3_000
/** What is so much older than the newest is known only as long as it is read again. */
const KEPT_MS = 60_000

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

/** What this isolate knows of somebody's rows. */
interface Known {
  /** Up to here all were read, on the plug-in's clock: reading need not go back beyond it. */
  readUntil: number | null
  /** Read, and not booked yet: they wait for their call. By id. */
  waiting: Map<string, ConsumedRow>
  /** Those that are in the books, with their times. */
  booked: Map<string, number>
}

const people = new Map<number, Known>()

/** Whose consumption is read. */
export interface Consumer {
  userId: number
  pluginKeyCiphertext: string
}

/**
 * What is to be booked of somebody's consumption rows: those that the plug-in has written since this isolate
 * has last read them, and those that have waited for their call since. What is known to be in the books is
 * not handed out again.
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
  const { userId } = consumer
  const from = people.get(userId)?.readUntil ?? null
  const page = await readRows(ctx, consumer, calls, from)
  if (!page) return null
  const known = knownOf(userId)
  const rows = await Promise.all(
    page
      .filter(({ log_id }) => !known.booked.has(log_id))
      .map((row) => toConsumed(ctx, userId, row)),
  )
  forgetOld(known, page)
  for (const row of rows) known.waiting.set(row.logId, row)
  return oldest(known.waiting.values(), MAX_ROWS)
}

function oldest(rows: Iterable<ConsumedRow>, count: number): ConsumedRow[] {
  const byTime = [...rows].sort((one, other) => (one.consumedAt < other.consumedAt ? -1 : 1))
  return byTime.slice(0, count)
}

/** @param from what was written before it is known already */
async function readRows(
  ctx: ReadCtx,
  { userId, pluginKeyCiphertext }: Consumer,
  calls: number,
  from: number | null,
): Promise<z.output<typeof LogRow>[] | null> {
  const { plugin } = ctx.services
  if (!plugin) return null
  const key = await openPluginKey(ctx, userId, pluginKeyCiphertext)
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
    const oldest = Date.parse(page.at(-1)?.consumed_at ?? '')
    const mayBeMore = page.length >= limit && from !== null && oldest > from
    if (!mayBeMore || limit >= MAX_ROWS) return page
    limit = Math.min(MAX_ROWS, limit * ROWS_PER_CALL)
  }
}

/** Has to be called with rows that are in the books: they are not handed out again. */
export function noteBooked(rows: readonly ConsumedRow[]): void {
  for (const { userId, logId, consumedAt } of rows) {
    const known = people.get(userId)
    if (!known) continue
    known.waiting.delete(logId)
    known.booked.set(logId, Date.parse(consumedAt))
  }
}

function knownOf(userId: number): Known {
  const known = people.get(userId) ?? { readUntil: null, waiting: new Map(), booked: new Map() }
  // Whoever has been away for longest is forgotten first.
  people.delete(userId)
  people.set(userId, known)
  for (const [oldest] of people) {
    if (people.size <= MAX_PEOPLE) break
    people.delete(oldest)
  }
  return known
}

/** Moves on to what has just been read: what is neither in it nor new is not spoken of any more. */
function forgetOld(known: Known, page: readonly z.output<typeof LogRow>[]): void {
  const ids = new Set(page.map(({ log_id }) => log_id))
  const newest = Math.max(...page.slice(0, 1).map((row) => Date.parse(row.consumed_at)))
  known.readUntil = Math.max(known.readUntil ?? newest - LATE_MS, newest - LATE_MS)
  const isOld = (logId: string, at: number) => !ids.has(logId) && at < newest - KEPT_MS
  for (const [logId, at] of known.booked) if (isOld(logId, at)) known.booked.delete(logId)
  for (const [logId, { consumedAt }] of known.waiting) {
    if (isOld(logId, Date.parse(consumedAt))) known.waiting.delete(logId)
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
