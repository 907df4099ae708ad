import { isDatabaseOutage, uniqueViolation } from '../../../db/errors.ts'
import {
  Batch,
  type BatchCtx,
  keepRows,
  logRow,
  noteClosed,
  usageBacklog,
} from '../../../metering/usage/index.ts'
import { errorName } from '../../../platform/logger.ts'
import { sleep } from '../../../platform/timer.ts'
import type { Claim } from '../claims/claims.ts'
import { loadPoolsOf } from '../pools/load-pools.ts'
import { LATE_LOOKS_MS } from '../pools/tell-later.ts'
import { type Consumer, readConsumption } from './consumption.ts'
import { noteDue } from './due-people.ts'
import { type EndedCall, toSettledRow, useOf } from './ended-call.ts'
import { publishSettlement } from './publish-settlement.ts'
import type { ConsumedRow } from './settlement-queries.ts'
import { writeSettlement } from './write-settlement.ts'

/** For so long at most a call that is over keeps what it held. */
const KEPT_MS = 30_000

const batch = new Batch<EndedCall>(settleCalls)

/** Has a finished call settled, with those of others that finish about now. */
export function settleCall(ctx: BatchCtx, call: EndedCall): void {
  batch.add(ctx, call)
}

/**
 * Puts calls into the books: PostgreSQL, else Redis until cron finds PostgreSQL back, else the log:
 * one of them has the row in the end. Never throws: the answers have left already.
 */
async function settleCalls(ctx: BatchCtx, calls: EndedCall[]): Promise<void> {
  try {
    await settleNow(ctx, calls)
  } catch (error) {
    // Others were quicker each time: one by one these would only be in each other's way, too.
    const isCrowded = uniqueViolation(error)?.startsWith('account_meters')
    if (calls.length === 1 || isCrowded || isDatabaseOutage(error))
      return keepForLater(ctx, calls, error)
    // What the database does not take of one must not hold up the others.
    for (const call of calls) await settleCalls(ctx, [call])
  }
}

/** @param isRepeated they may have been written before, unheard */
async function settleNow(ctx: BatchCtx, calls: EndedCall[], isRepeated = false): Promise<void> {
  const rows = calls.map(({ row }) => row)
  const { consumed, unread } = await readAll(ctx, consumersOf(calls))
  const settled = await Promise.all(calls.map(({ row, isCut }) => toSettledRow(ctx, row, isCut)))
  const isUnread = new Set(unread.map(({ userId }) => userId))
  const { epoch } = ctx.services.leases
  const changed = await writeSettlement(ctx, {
    rows: settled.map((row) => ({ ...row, isFinal: row.isFinal && !isUnread.has(row.userId) })),
    consumed,
  })
  // Where no log is kept there is nothing to wait for.
  const [waiting, over] = partition(
    calls,
    ({ row, isCut, consumer }) =>
      consumer !== null &&
      (useOf(row, isCut) === 'late' || (isUnread.has(row.userId) && useOf(row) === 'known')),
  )
  const people = rows.map(({ userId }) => userId)
  const pools = isRepeated ? await loadPoolsOf(ctx, people) : changed
  const closed = calls.filter(({ hasLease }) => hasLease).map(({ row }) => row.id)
  await publishSettlement(ctx, epoch, pools, claimsOf(over), budgetsOf(calls), closed)
  if (waiting.length > 0) {
    const late = consumersOf(waiting).map(({ consumer }) => consumer)
    ctx.waitUntil(settleLate(ctx, late, claimsOf(waiting)))
  }
}

/**
 * The database may be back in a moment, or have written the calls unheard. Until the gate knows what
 * they cost, what they held must not go to others.
 */
async function settleAgain(ctx: BatchCtx, calls: EndedCall[]): Promise<void> {
  const { leases, redis } = ctx.services
  leases.keepUntil(claimsOf(calls), ctx.clock.now() + KEPT_MS)
  for (const wait of LATE_LOOKS_MS) {
    await sleep(wait)
    try {
      await settleNow(ctx, calls, true)
      await usageBacklog.drop(
        redis,
        calls.map(({ row }) => row.id),
      )
      return
    } catch {
      // The rows wait for cron, too.
    }
  }
  leases.spend(claimsOf(calls))
}

/** Looks again a few times; then cron does. What the calls held is kept meanwhile. */
async function settleLate(
  ctx: BatchCtx,
  consumers: readonly Consumer[],
  claims: readonly Claim[],
): Promise<void> {
  ctx.services.leases.keepUntil(claims, ctx.clock.now() + KEPT_MS)
  await noteDue(
    ctx,
    consumers.map(({ userId }) => userId),
  ).catch(() => undefined)
  for (const wait of LATE_LOOKS_MS) {
    await sleep(wait)
    const { consumed } = await readAll(
      ctx,
      consumers.map((consumer) => ({ consumer, calls: 1 })),
    )
    const { epoch } = ctx.services.leases
    try {
      const changed = await writeSettlement(ctx, { rows: [], consumed })
      if (changed.length > 0) await publishSettlement(ctx, epoch, changed, [])
    } catch (error) {
      ctx.logger.log('warn', 'late_settlement_failed', { error: errorName(error) })
    }
  }
  await publishSettlement(ctx, ctx.services.leases.epoch, [], claims)
}

async function readAll(
  ctx: BatchCtx,
  people: readonly { consumer: Consumer; calls: number }[],
): Promise<{ consumed: ConsumedRow[]; unread: Consumer[] }> {
  const consumed: ConsumedRow[] = []
  const unread: Consumer[] = []
  await Promise.all(
    people.map(async ({ consumer, calls }) => {
      try {
        consumed.push(...((await readConsumption(ctx, consumer, calls)) ?? []))
      } catch (error) {
        unread.push(consumer)
        ctx.logger.log('warn', 'consumption_unread', { error: errorName(error) })
      }
    }),
  )
  return { consumed, unread }
}

/** Whose consumption has to be read, each once, and how many calls of theirs have ended. */
function consumersOf(calls: readonly EndedCall[]): { consumer: Consumer; calls: number }[] {
  const people = new Map<number, { consumer: Consumer; calls: number }>()
  for (const { row, isCut, consumer } of calls) {
    if (!consumer || useOf(row, isCut) === 'none') continue
    const known = people.get(consumer.userId)
    people.set(consumer.userId, { consumer, calls: (known?.calls ?? 0) + 1 })
  }
  return [...people.values()]
}

const budgetsOf = (calls: readonly EndedCall[]) => [
  ...new Map(
    calls.flatMap(({ budgets }) => budgets).map((each) => [each.thing.key, each]),
  ).values(),
]

const claimsOf = (calls: readonly EndedCall[]) => calls.flatMap(({ claims }) => claims)

function partition<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}

async function keepForLater(ctx: BatchCtx, calls: EndedCall[], reason: unknown): Promise<void> {
  if (isDatabaseOutage(reason)) ctx.waitUntil(settleAgain(ctx, calls))
  else ctx.services.leases.spend(claimsOf(calls))
  const rows = calls.map(({ row }) => row)
  noteClosed(rows.map(({ id }) => id))
  try {
    await keepRows(ctx.services.redis, rows)
    ctx.logger.log('warn', 'usage_rows_wait', { rows: rows.length, error: errorName(reason) })
  } catch (error) {
    for (const row of rows) logRow(ctx, row, error)
  }
}
