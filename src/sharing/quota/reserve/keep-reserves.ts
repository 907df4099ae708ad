import { mapBounded } from '../../../platform/bounded.ts'
import { createDueMarker } from '../../../platform/due-marker.ts'
import { errorName } from '../../../platform/logger.ts'
import { type PluginClient, PluginError } from '../../../ports/plugin-client.ts'
import { lockAccountsOf, openPluginKey, sealedPluginKeysOf } from '../../plugin/index.ts'
import { nextEndedAt } from '../switches/switch-queries.ts'
import { wakeDue } from '../switches/wake-due.ts'
import { claimLooks, type LentAccount, nextLookAt, postponeLook } from './hold-queries.ts'
import { findOwner, type LookCtx, lookAt } from './look.ts'

/** When an account is to be held back, or may be shared again. */
const marker = createDueMarker('lender-reserve')

/** Bounds one run; the next one goes on. */
const BATCH = 20
const AT_ONCE = 4
/** Longer than a batch may take, so that nobody looks twice at once. */
const CLAIM_MS = 5 * 60_000
const LOCK_WAIT_MS = 1_000
/** Between attempts that fail: doubled each time, from a minute to an hour. */
const FIRST_DELAY_MS = 60_000
const MAX_DELAY_MS = 3_600_000

/** Looks after the answer has left; what does not succeed is done by cron. */
export function keepReservesSoon(ctx: LookCtx): void {
  const { plugin } = ctx.services
  if (!plugin) return
  marker.noteSoon(ctx)
  ctx.waitUntil(
    keepClaimed(ctx, plugin).catch((error: unknown) =>
      ctx.logger.log('warn', 'lender_reserve_failed', { error: errorName(error) }),
    ),
  )
}

/**
 * Holds accounts back that have come down to the reserve, shares those again whose quota is back, and
 * has models used again that the plug-in switched off at their end; run by cron. An account is claimed before, so that two runs share the work.
 *
 * @returns how many accounts were switched
 */
export async function keepReserves(ctx: LookCtx): Promise<number> {
  const { db, plugin } = ctx.services
  if (!plugin) return 0
  // One marker for both: each asked for costs a command every few minutes.
  return marker.workIfDue(ctx, async () => {
    const changed = (await keepClaimed(ctx, plugin)) + (await wakeDue(ctx, plugin))
    const [look, wake] = await Promise.all([nextLookAt(db), nextEndedAt(db)])
    const [nextAt = null] = [look, wake].filter((at) => at !== null).sort((a, b) => +a - +b)
    return { changed, nextAt }
  })
}

/** Says when to look whether a model that came to its end has quota again. */
export function wakeSoon(ctx: LookCtx, at: Date): void {
  if (ctx.services.plugin) marker.noteSoon(ctx, at)
}

async function keepClaimed(ctx: LookCtx, plugin: PluginClient): Promise<number> {
  const now = ctx.clock.now()
  const until = new Date(now + CLAIM_MS)
  const rows = await claimLooks(ctx.services.db, new Date(now), until, BATCH)
  const switched = await mapBounded(rows, AT_ONCE, (row) => tryOne(ctx, plugin, row))
  return switched.filter(Boolean).length
}

async function tryOne(ctx: LookCtx, plugin: PluginClient, row: LentAccount): Promise<boolean> {
  try {
    const outcome = await keepOne(ctx, plugin, row)
    if (outcome !== null) return outcome
  } catch (error) {
    const status = error instanceof PluginError ? error.status : undefined
    const { userId: user_id, attempts } = row
    const fields = { user_id, attempts, status, error: errorName(error) }
    ctx.logger.log('warn', 'lender_reserve_failed', fields)
  }
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (row.attempts - 1), MAX_DELAY_MS)
  const lookAgain = new Date(ctx.clock.now() + delayMs)
  // Should this fail, the claim runs out by itself.
  await postponeLook(ctx.services.db, row.cookieId, lookAgain).catch(() => undefined)
  return false
}

/** @returns whether it was switched; null: it has to be tried again */
async function keepOne(
  ctx: LookCtx,
  plugin: PluginClient,
  row: LentAccount,
): Promise<boolean | null> {
  const userId = row.userId ?? (await findOwner(ctx, plugin, row.cookieId))
  if (userId === null) return null
  const sealed = (await sealedPluginKeysOf(ctx, [userId])).get(userId)
  if (sealed === undefined) return null
  const key = await openPluginKey(ctx, userId, sealed)
  const lock = await lockAccountsOf(ctx, userId, LOCK_WAIT_MS)
  if (!lock) return null
  try {
    return await lookAt(ctx, { row, userId, plugin, key })
  } finally {
    await lock.release()
  }
}
