import * as z from 'zod'
import { mapBounded } from '../../../platform/bounded.ts'
import { errorName } from '../../../platform/logger.ts'
import { type PluginClient, PluginError } from '../../../ports/plugin-client.ts'
import { openPluginKey, pluginPath, sealedPluginKeysOf } from '../../plugin/index.ts'
import { findOwner, type LookCtx } from '../reserve/look.ts'
import { QuotaRow } from '../reserve/low-models.ts'
import { claimEnded, endLooks, postponeEnded } from './switch-queries.ts'
import { wakeModels } from './wake.ts'

const BATCH = 20
const AT_ONCE = 4
/** Longer than a batch may take, so that nobody looks twice at once. */
const CLAIM_MS = 5 * 60_000
/** The plug-in asks upstream. */
const TIMEOUT_MS = 15_000
/** How often to look, whatever the plug-in says about when a quota is back: its clock may be off. */
const SOONEST_MS = 5 * 60_000
const LATEST_MS = 3_600_000

/**
 * Looks at the accounts of which a model came to its end, and switches on again what has quota.
 *
 * @returns how many accounts were looked at
 */
export async function wakeDue(ctx: LookCtx, plugin: PluginClient): Promise<number> {
  const now = ctx.clock.now()
  const due = await claimEnded(ctx.services.db, new Date(now), new Date(now + CLAIM_MS), BATCH)
  await mapBounded(due, AT_ONCE, async ({ cookieId, attempts }) => {
    try {
      await wakeOne(ctx, plugin, cookieId)
    } catch (error) {
      const status = error instanceof PluginError ? error.status : undefined
      ctx.logger.log('warn', 'model_not_woken', { status, error: errorName(error) })
      const delayMs = Math.min(SOONEST_MS * 2 ** (attempts - 1), LATEST_MS)
      const lookAt = new Date(ctx.clock.now() + delayMs)
      // Should this fail, the claim runs out by itself.
      await postponeEnded(ctx.services.db, cookieId, lookAt).catch(() => undefined)
    }
  })
  return due.length
}

async function wakeOne(ctx: LookCtx, plugin: PluginClient, cookieId: string): Promise<void> {
  const { db } = ctx.services
  const over = new Date(ctx.clock.now())
  const userId = await findOwner(ctx, plugin, cookieId)
  const sealed = userId === null ? undefined : (await sealedPluginKeysOf(ctx, [userId])).get(userId)
  // Nobody's any more, or nobody's of ours.
  if (userId === null || sealed === undefined) return endLooks(db, cookieId, [], over)
  const key = await openPluginKey(ctx, userId, sealed)
  const path = pluginPath`/api/accounts/${cookieId}/quotas`
  const request = { method: 'GET', path, timeoutMs: TIMEOUT_MS } as const
  const rows = await plugin.call({ as: 'user', key }, request, z.array(QuotaRow))
  await wakeModels(
    ctx,
    (asked, schema) => plugin.call({ as: 'user', key }, asked, schema),
    cookieId,
    rows,
  )
  const still = rows.filter(({ quota }) => (quota ?? 0) <= 0)
  await endLooks(
    db,
    cookieId,
    still.map(({ model_name }) => model_name),
    lookAtOf(ctx.clock.now(), still),
  )
}

function lookAtOf(now: number, rows: readonly QuotaRow[]): Date {
  const resets = rows.flatMap(({ reset_time: at }) => (at ? [Date.parse(at) - now] : []))
  const waitMs = Math.min(Math.max(Math.min(...resets, LATEST_MS), SOONEST_MS), LATEST_MS)
  return new Date(now + waitMs)
}
