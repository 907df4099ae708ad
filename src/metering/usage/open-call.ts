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
  const due = [...leases.values()].filter((lease) => lease.isDue)
  if (due.length === 0) return
  for (const lease of due) {
    lease.isDue = false
    lease.isStored = true
  }
  // Without Redis the calls go on all the same; only a crash would now lose their rows.
  await keepOpenCalls(
    ctx.services.redis,
    due.map((lease) => ({ until, row: lease.rowNow() })),
    ctx.clock.now(),
  ).catch(() => undefined)
}
