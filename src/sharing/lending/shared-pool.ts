import * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { parseJson } from '../../platform/json.ts'
import { takeLock } from '../../platform/lock.ts'
import { sleep } from '../../platform/timer.ts'
import { callAsPerson } from '../plugin/index.ts'
import { consumptionTotals } from './consumption.ts'
import { OwnConsumption, PluginSharedPool, SharedModel, type SharedPool } from './quota-schemas.ts'

const FRESH_MS = 60_000
/** While somebody reads anew, the others see what is there, so long as it is no older than this. */
const KEPT_MS = 120_000
/** The plug-in asks upstream about every shared account that is overdue. */
const TIMEOUT_MS = 25_000
const WAIT_MS = TIMEOUT_MS + 2_000
const POLL_MS = 150

const KEY = 'cache:shared-pool'
const ownKey = (userId: number) => `cache:shared-pool:${userId}`

const Copy = z.object({ fetched_at: z.iso.datetime(), quotas: z.array(SharedModel) })
type Copy = z.output<typeof Copy>

/** What everybody's shared accounts have left, from a copy that all share, and what the person has used. */
export async function getSharedPool(ctx: Ctx): Promise<z.output<typeof SharedPool>> {
  const [copy, user_consumption] = await Promise.all([readShared(ctx), ownConsumption(ctx)])
  return { ...copy, user_consumption }
}

/**
 * The shared part alone. Reading it makes the plug-in work hard, so that one reads for everybody,
 * and only once a minute.
 *
 * @throws {AppError} `upstream_error`, `upstream_timeout`
 */
export function readShared(ctx: Ctx): Promise<Copy> {
  const work = readInTurn(ctx)
  // Whoever fails beside it ends the request, and must not leave the lock behind.
  ctx.waitUntil(work.catch(() => undefined))
  return work
}

async function readInTurn(ctx: Ctx): Promise<Copy> {
  for (let waitedMs = 0; waitedMs <= WAIT_MS; waitedMs += POLL_MS) {
    const known = await copyOf(ctx)
    if (known && isFresh(ctx, known)) return known
    const lock = await takeLock(ctx, 'shared-pool', { ttlMs: TIMEOUT_MS + 5_000 })
    if (lock) {
      // It goes on even if the client that happened to be first leaves: others wait for it.
      return readAnew(ctx).finally(lock.release)
    }
    if (known) return known
    await sleep(POLL_MS)
  }
  throw new AppError('upstream_timeout', undefined, { retryAfterSeconds: 5 })
}

async function readAnew(ctx: Ctx): Promise<Copy> {
  // Somebody may have been at it between our look and our turn.
  const known = await copyOf(ctx)
  if (known && isFresh(ctx, known)) return known
  return (await ask(ctx)).copy
}

async function copyOf(ctx: Ctx): Promise<Copy | null> {
  const stored = await ctx.services.redis.get<string>(KEY)
  return stored === null ? null : (Copy.safeParse(parseJson(stored)).data ?? null)
}

const isFresh = (ctx: Ctx, copy: Copy) => Date.parse(copy.fetched_at) + FRESH_MS > ctx.clock.now()

/** The heavy call; both parts of its answer are kept. */
async function ask(ctx: Ctx): Promise<{ copy: Copy; own: OwnConsumption }> {
  const request = { method: 'GET', path: '/api/quotas/shared-pool', timeoutMs: TIMEOUT_MS } as const
  const { quotas, user_consumption: own } = await callAsPerson(ctx, request, PluginSharedPool)
  const copy = { fetched_at: new Date(ctx.clock.now()).toISOString(), quotas }
  const { userId } = requirePerson(ctx)
  const pipeline = ctx.services.redis.multi()
  pipeline.set(KEY, JSON.stringify(copy), { px: KEPT_MS })
  pipeline.set(ownKey(userId), JSON.stringify(own), { px: FRESH_MS })
  await pipeline.exec()
  return { copy, own }
}

/**
 * What the person alone has used. It is part of the same heavy call, but follows from the person's
 * own consumption as well; only of those who have used very much the plug-in has to do the sum.
 */
async function ownConsumption(ctx: Ctx): Promise<OwnConsumption> {
  const totals = await consumptionTotals(ctx)
  if (totals) return totals
  const stored = await ctx.services.redis.get<string>(ownKey(requirePerson(ctx).userId))
  const known = stored === null ? null : OwnConsumption.safeParse(parseJson(stored)).data
  return known ?? (await ask(ctx)).own
}
