import * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { mapBounded } from '../../platform/bounded.ts'
import { errorName } from '../../platform/logger.ts'
import { sleep } from '../../platform/timer.ts'
import { isUsable } from './account.ts'
import { callAsPerson } from './call-as-person.ts'
import { Amount, Flag, MaybeBoolean } from './fields.ts'
import { lockAccountsOf } from './lock-accounts.ts'
import { pluginPath } from './path.ts'

/** So often at most is somebody's pool raised. */
const AGAIN_MS = 10_000
const LOCK_WAIT_MS = 1_000
const MAX_ASKED = 4
/** What was switched off must not stay so: between attempts to switch it on. */
const RETRY_MS = [200, 1_000, 5_000, 20_000]
const REMEMBERED_MS = 86_400_000

const Accounts = z.array(
  z.object({ cookie_id: z.string(), is_shared: Flag, status: Flag, need_refresh: MaybeBoolean }),
)
const Quotas = z.array(z.object({ model_name: z.string(), quota: Amount }))

const raisedKey = (userId: number) => `once:plugin-pool-raised:${userId}`
const switchedKey = (userId: number) => `once:plugin-pool-switched:${userId}`

/**
 * Raises the plug-in's own pool of the person, which it debits too often and hardly refills: the
 * ledger alone says what somebody may draw. Switching a lent account off and on sets the plug-in's
 * pool to at least twice what that account has left. It goes on to its end whoever leaves.
 *
 * @returns whether it may let a call of the model through now
 */
export function raisePool(ctx: Ctx, model: string): Promise<boolean> {
  const work = raise(ctx, model).catch((error: unknown) => {
    const { userId } = requirePerson(ctx)
    ctx.logger.log('warn', 'plugin_pool_not_raised', { user_id: userId, error: errorName(error) })
    return false
  })
  ctx.waitUntil(work)
  return work
}

async function raise(ctx: Ctx, model: string): Promise<boolean> {
  const { userId } = requirePerson(ctx)
  const { redis } = ctx.services
  const isFirst = await redis.set(raisedKey(userId), '1', { nx: true, px: AGAIN_MS })
  // Somebody has just done it; whoever asks again may be let through by it.
  if (isFirst === null) return true
  const lock = await lockAccountsOf(ctx, userId, LOCK_WAIT_MS)
  if (!lock) return true
  try {
    const left = await redis.get<string>(switchedKey(userId))
    // It may be gone by now.
    if (left !== null) await switchOn(ctx, userId, String(left)).catch(() => undefined)
    const accounts = await callAsPerson(ctx, { method: 'GET', path: '/api/accounts' }, Accounts)
    const lent = accounts.filter((account) => account.is_shared === 1 && isUsable(account))
    const best = await fullest(
      ctx,
      lent.map(({ cookie_id }) => cookie_id),
      model,
    )
    if (best === null) return false
    // Written first, so that a crash in the middle is made good the next time.
    await redis.set(switchedKey(userId), best, { px: REMEMBERED_MS })
    try {
      await setStatus(ctx, best, 0)
    } finally {
      await switchOn(ctx, userId, best)
    }
    ctx.logger.log('info', 'plugin_pool_raised', { user_id: userId })
    return true
  } finally {
    await lock.release()
  }
}

/** Of some accounts the one that has most left of a model; null: none has anything. */
async function fullest(ctx: Ctx, ids: readonly string[], model: string): Promise<string | null> {
  const read = await mapBounded(ids.slice(0, MAX_ASKED), MAX_ASKED, async (id) => {
    const path = pluginPath`/api/accounts/${id}/quotas`
    const rows = await callAsPerson(ctx, { method: 'GET', path }, Quotas).catch(() => [])
    return { id, quota: rows.find((row) => row.model_name === model)?.quota ?? 0 }
  })
  const [best] = read.toSorted((one, other) => other.quota - one.quota)
  return best && best.quota > 0 ? best.id : null
}

async function switchOn(ctx: Ctx, userId: number, cookieId: string): Promise<void> {
  for (const wait of RETRY_MS) {
    try {
      await setStatus(ctx, cookieId, 1)
      await ctx.services.redis.del(switchedKey(userId))
      return
    } catch {
      await sleep(wait)
    }
  }
  await setStatus(ctx, cookieId, 1)
  await ctx.services.redis.del(switchedKey(userId))
}

function setStatus(ctx: Ctx, cookieId: string, status: 0 | 1): Promise<unknown> {
  const path = pluginPath`/api/accounts/${cookieId}/status`
  return callAsPerson(ctx, { method: 'PUT', path, body: { status } }, z.unknown())
}
