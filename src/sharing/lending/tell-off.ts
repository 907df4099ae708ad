import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { auditRow } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../../notices/mail/index.ts'
import { mapBounded } from '../../platform/bounded.ts'
import { errorName } from '../../platform/logger.ts'
import type { PluginClient } from '../../ports/plugin-client.ts'
import { Flag, isUsable, MaybeBoolean, openPluginKey, sealedPluginKeysOf } from '../plugin/index.ts'
import { addressOfLender, keptOff, pageOfLenders } from './off-queries.ts'

/** Bounds one run; the next one goes on after it. */
const BATCH = 100
const AT_ONCE = 4
const CURSOR = 'cursor:lenders-told'
/** Redis is down. */
const UNKNOWN = '?'
/** Longer than it takes to get round to everybody again. */
const REMEMBERED_SECONDS = 90 * 86_400

const Accounts = z.array(
  z.object({ cookie_id: z.string(), is_shared: Flag, status: Flag, need_refresh: MaybeBoolean }),
)
type Listed = z.output<typeof Accounts>[number]

const toldKey = (cookieId: string) => `once:account-off:${cookieId}`

/**
 * Tells lenders of accounts that are used no more without their doing: refused by their vendor, or
 * switched off by the plug-in, which says nothing to anybody. Run by cron; each account is told of
 * once, and again only after it has been seen in use.
 *
 * @returns how many accounts were told of
 */
export async function tellOfAccountsOff(ctx: Ctx): Promise<number> {
  const { db, redis, plugin } = ctx.services
  if (!plugin) return 0
  const cursor = await redis.get<string>(CURSOR).catch(() => UNKNOWN)
  // Nobody knows who has been told what: another night.
  if (cursor === UNKNOWN) return 0
  const after = Number(cursor) || 0
  const lenders = await pageOfLenders(db, after, BATCH)
  const keys = lenders.length > 0 ? await sealedPluginKeysOf(ctx, lenders) : new Map()
  const told = await mapBounded(lenders, AT_ONCE, async (userId) => {
    const sealed = keys.get(userId)
    if (sealed === undefined) return 0
    try {
      return await tellOne(ctx, plugin, userId, sealed)
    } catch (error) {
      ctx.logger.log('warn', 'lender_not_told', { user_id: userId, error: errorName(error) })
      return 0
    }
  })
  // A page that is not full was the last.
  const next = lenders.length < BATCH ? 0 : (lenders.at(-1) ?? 0)
  if (next !== after) await redis.set(CURSOR, String(next), { ex: REMEMBERED_SECONDS })
  return told.reduce((sum, count) => sum + count, 0)
}

async function tellOne(
  ctx: Ctx,
  plugin: PluginClient,
  userId: number,
  sealed: string,
): Promise<number> {
  const { db, redis } = ctx.services
  const key = await openPluginKey(ctx, userId, sealed)
  const request = { method: 'GET', path: '/api/accounts' } as const
  const accounts = await plugin.call({ as: 'user', key }, request, Accounts)
  const used = accounts.filter(isUsable)
  if (used.length > 0) await redis.del(...used.map(({ cookie_id }) => toldKey(cookie_id)))
  const lent = accounts.filter((account) => account.is_shared === 1 && !isUsable(account))
  if (lent.length === 0) return 0
  const ours = await keptOff(db, userId)
  let told = 0
  for (const account of lent) {
    if (!ours.has(account.cookie_id) && (await tellOf(ctx, userId, account))) told++
  }
  return told
}

/** @returns whether they had not been told before */
async function tellOf(ctx: Ctx, userId: number, account: Listed): Promise<boolean> {
  const { db } = ctx.services
  if (!(await isNew(ctx, account.cookie_id))) return false
  try {
    const mail = await composeMail(ctx, { kind: 'account_off' })
    const reason = account.need_refresh === true ? 'refused' : 'switched_off'
    const details = { cookie_id: account.cookie_id, reason }
    await db.batch([
      auditRow(ctx, { event: 'ai_account.off', userId, details }),
      ...(mail ? [outboxRowFor(db, mail, addressOfLender(userId))] : []),
    ])
    deliverSoon(ctx, mail)
    return true
  } catch (error) {
    await ctx.services.redis.del(toldKey(account.cookie_id)).catch(() => undefined)
    throw error
  }
}

/** Notes that an account is off; it is known for as long as it stays so. */
async function isNew({ services }: Ctx, cookieId: string): Promise<boolean> {
  const before = await services.redis.set(toldKey(cookieId), '1', {
    ex: REMEMBERED_SECONDS,
    get: true,
  })
  return before === null
}

/** The owner has switched it off: they know. */
export async function noteOwnersOff({ services }: Ctx, cookieId: string): Promise<void> {
  const known = services.redis.set(toldKey(cookieId), '1', { ex: REMEMBERED_SECONDS })
  await known.catch(() => undefined)
}
