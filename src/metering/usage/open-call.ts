import { withoutStoreTime } from '../../platform/store-time.ts'
import { sleep } from '../../platform/timer.ts'
import { dropOpenCalls, keepOpenCalls } from './backlog.ts'
import type { BatchCtx } from './batch.ts'
import type { UsageRow } from './row.ts'

/** Calls that are over sooner never get a lease: nearly all failures, and fast answers. */
const COLLECT_MS = 50

interface Lease {
  /** What would be known of the call if its process died now. */
  rowNow: () => UsageRow
  renewedAt: number
  isStored: boolean
  isDue: boolean
}

/** A call that is under way. */
export interface OpenCallHandle {
  renewEveryMs: number
  renew(): void
  renewedAt(): number
  /** The call is over. @returns whether Redis has been told of it */
  close(): boolean
  /** The call was not made. */
  discard(): void
}

/** Calls of which Redis is being told just now, and those of them that were closed meanwhile. */
const beingTold = new Set<string>()
const closedMeanwhile = new Set<string>()

/**
 * Has to be called with calls that are being closed in Redis: a mark that is still on its way there would
 * come after that, and cron would take the call for interrupted.
 */
export function noteClosed(ids: readonly string[]): void {
  for (const id of ids) if (beingTold.has(id)) closedMeanwhile.add(id)
}

/** This isolate's open calls. */
const leases = new Map<string, Lease>()
let collectingUntil = 0

/**
 * Opens a call. Should this process die in the middle of it, a small record in Redis lets cron
 * write its row; the record is written beside the call, never before it, and together with those of
 * other calls.
 */
export function openCall(ctx: BatchCtx, id: string, rowNow: () => UsageRow): OpenCallHandle {
  const lease: Lease = { rowNow, renewedAt: ctx.clock.now(), isStored: false, isDue: true }
  leases.set(id, lease)
  storeSoon(ctx)
  return {
    renewEveryMs: (ctx.config.CALL_LEASE_SECONDS * 1000) / 3,
    renewedAt: () => lease.renewedAt,
    renew() {
      lease.renewedAt = ctx.clock.now()
      lease.isDue = true
      storeSoon(ctx)
    },
    close() {
      leases.delete(id)
      return lease.isStored
    },
    discard() {
      leases.delete(id)
      const { redis } = ctx.services
      noteClosed([id])
      if (lease.isStored) ctx.waitUntil(dropOpenCalls(redis, [id]).catch(() => undefined))
    },
  }
}

/** One request writes the leases of all. */
function storeSoon(ctx: BatchCtx): void {
  if (ctx.clock.now() < collectingUntil) return
  collectingUntil = ctx.clock.now() + COLLECT_MS
  // Nobody waits for it.
  ctx.waitUntil(withoutStoreTime(() => store(ctx)))
}

async function store(ctx: BatchCtx): Promise<void> {
  await sleep(COLLECT_MS)
  collectingUntil = 0
  const until = ctx.clock.now() + ctx.config.CALL_LEASE_SECONDS * 1000
  const due = [...leases].filter(([, lease]) => lease.isDue)
  if (due.length === 0) return
  for (const [id, lease] of due) {
    beingTold.add(id)
    lease.isDue = false
    lease.isStored = true
  }
  // Without Redis the calls go on all the same; only a crash would now lose their rows.
  await keepOpenCalls(
    ctx.services.redis,
    due.map(([, lease]) => ({ until, row: lease.rowNow() })),
    ctx.clock.now(),
  ).catch(() => undefined)
  const late = due.map(([id]) => id).filter((id) => closedMeanwhile.delete(id))
  for (const [id] of due) beingTold.delete(id)
  await dropOpenCalls(ctx.services.redis, late).catch(() => undefined)
}
