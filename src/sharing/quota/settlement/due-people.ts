import type { Ctx } from '../../../context.ts'
import { errorName } from '../../../platform/logger.ts'
import { defineScript } from '../../../platform/script.ts'
import { sealedPluginKeysOf } from '../../plugin/index.ts'
import { type Consumer, readConsumption } from './consumption.ts'
import { publishSettlement } from './publish-settlement.ts'
import type { ConsumedRow } from './settlement-queries.ts'
import { writeSettlement } from './write-settlement.ts'

/** People whose consumption is to be read again, by when. */
const DUE = 'quota:due'
/** Until when their calls may yet turn out to have used something. */
const DUE_UNTIL = 'quota:due-until'
const KEPT_MS = 86_400_000
/** The AI service works no longer than ten minutes on a call. */
const WATCH_MS = 15 * 60_000
/** Before the next run but one. */
const AGAIN_MS = 4 * 60_000
/** Bounds one run, which may ask others only so often; the next one goes on where it ended. */
const MAX_PEOPLE = 500
const AT_ONCE = 10

type JobCtx = Pick<Ctx, 'services' | 'clock' | 'random' | 'config' | 'waitUntil' | 'logger'>

/** Says that somebody's calls may yet turn out to have used something. */
export async function noteDue(
  { services, clock }: Pick<Ctx, 'services' | 'clock'>,
  userIds: readonly number[],
): Promise<void> {
  const now = clock.now()
  const [first, ...rest] = userIds.map((userId) => ({ score: now, member: String(userId) }))
  if (!first) return
  await services.redis
    .pipeline()
    .zadd(DUE, first, ...rest)
    .hset(DUE_UNTIL, Object.fromEntries(userIds.map((id) => [String(id), now + WATCH_MS])))
    .pexpire(DUE, KEPT_MS)
    .pexpire(DUE_UNTIL, KEPT_MS)
    .exec()
}

/**
 * Those who were looked at after their last call can have used anything are done with; so is whoever
 * could not be looked at for a day. The others come again.
 *
 * KEYS due, until; ARGV when the looks began, when to look again, for how long it is tried; then who was
 *   looked at, each followed by 1 if their consumption was read
 */
const LOOKED_AT = defineScript<null>(`
  local began = tonumber(ARGV[1])
  for n = 4, #ARGV, 2 do
    local last = tonumber(redis.call('HGET', KEYS[2], ARGV[n])) or 0
    if ARGV[n + 1] ~= '1' then last = last + tonumber(ARGV[3]) end
    if last <= began then
      redis.call('ZREM', KEYS[1], ARGV[n])
      redis.call('HDEL', KEYS[2], ARGV[n])
    else
      redis.call('ZADD', KEYS[1], ARGV[2], ARGV[n])
    end
  end
  return nil`)

/**
 * Books what nobody has settled: of calls that their client left, or whose Worker died. Run by cron. Who
 * was looked at longest ago comes first, so that everybody has their turn, however many there are.
 *
 * @returns how many pools changed
 */
export async function settleDue(ctx: JobCtx): Promise<number> {
  const { redis } = ctx.services
  const now = ctx.clock.now()
  const due = await redis.zrange<string[]>(DUE, 0, now, {
    byScore: true,
    offset: 0,
    count: MAX_PEOPLE,
  })
  let changed = 0
  for (let at = 0; at < due.length; at += AT_ONCE) {
    const userIds = due.slice(at, at + AT_ONCE).map(Number)
    const looks = await settlePeople(ctx, userIds)
    changed += looks.changed
    const seen = userIds.flatMap((id) => [id, looks.unread.has(id) ? 0 : 1])
    await LOOKED_AT.run(redis, [DUE, DUE_UNTIL], [now, now + AGAIN_MS, KEPT_MS, ...seen])
  }
  return changed
}

/** Reads the consumption of several people, and writes it at once; if that is refused, one by one. */
async function settlePeople(
  ctx: JobCtx,
  userIds: readonly number[],
): Promise<{ changed: number; unread: Set<number> }> {
  const unread = new Set<number>()
  const failed = (userId: number) => (error: unknown) => {
    unread.add(userId)
    ctx.logger.log('warn', 'consumption_unread', { error: errorName(error) })
    return []
  }
  const keys = await sealedPluginKeysOf(ctx, userIds)
  const read = await Promise.all(
    userIds.map(async (userId) => {
      const pluginKeyCiphertext = keys.get(userId)
      const consumed = pluginKeyCiphertext
        ? await readOf(ctx, { userId, pluginKeyCiphertext }).catch(failed(userId))
        : []
      return { userId, consumed }
    }),
  )
  const write = async (some: typeof read) => {
    const consumed = some.flatMap((each) => each.consumed)
    return book(
      ctx,
      consumed,
      some.map(({ userId }) => userId),
    )
  }
  try {
    return { changed: await write(read), unread }
  } catch {
    let changed = 0
    for (const one of read) {
      changed += await write([one]).catch((error: unknown) => failed(one.userId)(error).length)
    }
    return { changed, unread }
  }
}

/**
 * Copies somebody's consumption out of the plug-in and books what is new.
 *
 * @throws {PluginError} when it cannot be read
 */
export async function settleConsumption(ctx: JobCtx, consumer: Consumer): Promise<void> {
  await book(ctx, await readOf(ctx, consumer), [consumer.userId])
}

/** How far back is looked where nobody knows how many calls there were. */
const CALLS_AT_MOST = 125

async function readOf(ctx: JobCtx, consumer: Consumer): Promise<ConsumedRow[]> {
  return (await readConsumption(ctx, consumer, CALLS_AT_MOST)) ?? []
}

async function book(
  ctx: JobCtx,
  consumed: readonly ConsumedRow[],
  userIds: readonly number[],
): Promise<number> {
  const { epoch } = ctx.services.leases
  const changed = await writeSettlement(ctx, { rows: [], consumed }, userIds)
  await publishSettlement(ctx, epoch, changed, [])
  return changed.length
}
