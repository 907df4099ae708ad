import type { Ctx } from '../../context.ts'
import { errorName } from '../../platform/logger.ts'
import { addDays, type Day, dayOf } from './period.ts'
import { isRollUpDue, noteRolledUp } from './roll-up-due.ts'
import {
  deleteCalls,
  findOldestDay,
  listDueDays,
  listExpiredDays,
  listLateDays,
  moveLateCalls,
  nextSlice,
  openDay,
  rollUpSlice,
} from './roll-up-queries.ts'

type JobCtx = Pick<Ctx, 'services' | 'clock' | 'config' | 'logger'>

/**
 * How long after its end a day is rolled up at the earliest. Longer than the hour after which a row
 * counts as late, so that a row either is in the roll-up or is found by being late.
 */
const GRACE_MS = 2 * 3_600_000
/** How much one statement, and one run, may do; the next run goes on. */
const BOUNDS = {
  /** Calls that one statement rolls up, those of the same moment aside. */
  sliceRows: 150_000,
  /** Calls that one statement deletes. */
  deletedRows: 10_000,
  steps: 1_000,
  /** Shorter than what most clients wait for the answer of a run by hand. */
  runMs: 4 * 60_000,
}
const MIN_SLICE_ROWS = 1_000
const DAYS_AT_ONCE = 400

/** Says how many more statements a run may make. */
class Budget {
  #steps: number
  readonly #clock: JobCtx['clock']
  readonly #deadline: number
  readonly bounds: typeof BOUNDS

  constructor({ clock }: JobCtx, bounds: typeof BOUNDS) {
    this.bounds = bounds
    this.#steps = bounds.steps
    this.#clock = clock
    this.#deadline = clock.now() + bounds.runMs
  }

  take(): boolean {
    return this.#steps-- > 0 && this.#clock.now() < this.#deadline
  }
}

/**
 * Cron: rolls up every day whose calls have changed since, then deletes calls that are older than
 * `USAGE_RETENTION_DAYS`, never one that is not in the roll-ups. Each statement does a bounded part
 * of the work once and for all: a run that is killed is continued by the next one, and two at once
 * share the work.
 *
 * @returns how many days were rolled up plus how many calls were moved or deleted
 */
export async function rollUpUsage(ctx: JobCtx, bounds = BOUNDS): Promise<number> {
  const { db, redis } = ctx.services
  const now = ctx.clock.now()
  const today = dayOf(now)
  if (!(await isRollUpDue(redis, today))) return 0

  const through = addDays(dayOf(now - GRACE_MS), -1)
  const budget = new Budget(ctx, bounds)
  const { finished, failure } = await rollUpDays(ctx, budget, through)
  const changed = finished + (await moveLate(ctx, budget)) + (await expire(ctx, budget, today))

  const isDone = !failure && (await listDueDays(db, through, 1)).length === 0
  const { USAGE_RETENTION_DAYS: kept } = ctx.config
  const oldest = isDone && kept > 0 ? await findOldestDay(db) : null
  const expiresOn = oldest && addDays(oldest, kept + 1)
  await noteRolledUp(redis, isDone ? { through, expiresOn } : null)
  if (failure) throw failure.reason
  return changed
}

/** A day that cannot be rolled up keeps no other from it. */
async function rollUpDays(ctx: JobCtx, budget: Budget, through: Day) {
  let finished = 0
  let failure: { reason: unknown } | null = null
  for (const day of await listDueDays(ctx.services.db, through, DAYS_AT_ONCE)) {
    try {
      if (await rollUpDay(ctx, budget, day)) finished++
    } catch (reason) {
      failure = { reason }
      ctx.logger.log('error', 'usage_roll_up_failed', { day, error: errorName(reason) })
    }
  }
  return { finished, failure }
}

async function rollUpDay(ctx: JobCtx, budget: Budget, day: Day): Promise<boolean> {
  const { db } = ctx.services
  while (budget.take() && (await openDay(db, day))) {
    // Many people used many models that day.
  }
  let { sliceRows } = budget.bounds
  let slices = 0
  while (budget.take()) {
    const slice = await nextSlice(db, day, sliceRows)
    if (!slice) return slices > 0
    try {
      if (await rollUpSlice(db, day, slice)) slices++
    } catch (error) {
      // A slow database may not get through in time: then less at once does.
      if (sliceRows <= MIN_SLICE_ROWS) throw error
      sliceRows = Math.ceil(sliceRows / 4)
    }
  }
  return false
}

/** Calls that came for days whose calls are deleted already. */
async function moveLate(ctx: JobCtx, budget: Budget): Promise<number> {
  const { db } = ctx.services
  return untilNone(ctx, budget, await listLateDays(db, DAYS_AT_ONCE), moveLateCalls)
}

async function expire(ctx: JobCtx, budget: Budget, today: Day): Promise<number> {
  const { USAGE_RETENTION_DAYS: kept } = ctx.config
  if (kept === 0) return 0
  const expired = await listExpiredDays(ctx.services.db, addDays(today, -kept), DAYS_AT_ONCE)
  return untilNone(ctx, budget, expired, deleteCalls)
}

async function untilNone(
  { services: { db } }: JobCtx,
  budget: Budget,
  days: readonly Day[],
  take: typeof deleteCalls,
): Promise<number> {
  let total = 0
  for (const day of days) {
    let taken = 0
    do {
      if (!budget.take()) return total
      taken = await take(db, day, budget.bounds.deletedRows)
      total += taken
    } while (taken > 0)
  }
  return total
}
