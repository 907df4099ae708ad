import type { Ctx } from '../../../context.ts'
import { errorName } from '../../../platform/logger.ts'
import { sealedPluginKeyOf } from '../../plugin/index.ts'
import { type Consumer, readConsumption } from './consumption.ts'
import { publishSettlement } from './publish-settlement.ts'
import { writeSettlement } from './write-settlement.ts'

/** People whose consumption is to be read again, by the time of their last unfinished call. */
const DUE = 'quota:due'
const KEPT_SECONDS = 86_400
/** The AI service works no longer than ten minutes on a call. */
const WATCH_MS = 15 * 60_000
/** Bounds one run; the next one goes on. */
const MAX_PEOPLE = 500
const AT_ONCE = 10

type JobCtx = Pick<Ctx, 'services' | 'clock' | 'random' | 'config' | 'waitUntil' | 'logger'>

/** Says that somebody's calls may yet turn out to have used something. */
export async function noteDue(
  { services, clock }: Pick<Ctx, 'services' | 'clock'>,
  userIds: readonly number[],
): Promise<void> {
  const [first, ...rest] = userIds.map((userId) => ({ score: clock.now(), member: String(userId) }))
  if (!first) return
  await services.redis
    .pipeline()
    .zadd(DUE, first, ...rest)
    .expire(DUE, KEPT_SECONDS)
    .exec()
}

/**
 * Books what nobody has settled: of calls that their client left, or whose Worker died. Run by cron.
 *
 * @returns how many pools changed
 */
export async function settleDue(ctx: JobCtx): Promise<number> {
  const { redis } = ctx.services
  const due = await redis.zrange<string[]>(DUE, 0, MAX_PEOPLE - 1)
  let changed = 0
  for (let at = 0; at < due.length; at += AT_ONCE) {
    const counts = await Promise.all(
      due.slice(at, at + AT_ONCE).map((userId) => settlePerson(ctx, Number(userId))),
    )
    changed += counts.reduce((sum, count) => sum + count, 0)
  }
  if (due.length > 0) {
    await redis.zremrangebyscore(DUE, 0, ctx.clock.now() - WATCH_MS)
  }
  return changed
}

async function settlePerson(ctx: JobCtx, userId: number): Promise<number> {
  try {
    const pluginKeyCiphertext = await sealedPluginKeyOf(ctx, userId)
    if (!pluginKeyCiphertext) return 0
    return await settleConsumption(ctx, { userId, pluginKeyCiphertext })
  } catch (error) {
    ctx.logger.log('warn', 'consumption_unread', { error: errorName(error) })
    return 0
  }
}

/**
 * Copies somebody's consumption out of the plug-in and books what is new.
 *
 * @returns how many pools changed
 */
export async function settleConsumption(ctx: JobCtx, consumer: Consumer): Promise<number> {
  const consumed = (await readConsumption(ctx, consumer, CALLS_AT_MOST)) ?? []
  const { epoch } = ctx.services.leases
  const changed = await writeSettlement(ctx, { rows: [], consumed })
  await publishSettlement(ctx, epoch, changed, [])
  return changed.length
}

/** How far back is looked where nobody knows how many calls there were. */
const CALLS_AT_MOST = 125
