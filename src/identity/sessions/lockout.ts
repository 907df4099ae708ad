import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { clientOf } from '../../platform/address.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'
import type { RedisClient } from '../../platform/redis.ts'
import { defineScript } from '../../platform/script.ts'

/**
 * Takes one attempt from each counter, or none when one of them is used up. An attempt is counted
 * before the password is looked at, so that parallel guesses never get more of them.
 *
 * KEYS counters · ARGV windowMs, the limit of each counter
 *
 * @returns 0, or the milliseconds until the fullest counter lets somebody try again
 */
const TAKE = `
local wait = 0
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or 0) >= tonumber(ARGV[i + 1]) then
    wait = math.max(wait, redis.call('PTTL', key), 1)
  end
end
if wait > 0 then return wait end
for _, key in ipairs(KEYS) do
  redis.call('INCR', key)
  redis.call('PEXPIRE', key, ARGV[1])
end
return 0`

/** KEYS the counter of whoever succeeded, then others · That one is free again; the others get the attempt back. */
const CLEAR = `
redis.call('DEL', KEYS[1])
for i = 2, #KEYS do
  if tonumber(redis.call('GET', KEYS[i]) or 0) > 0 then redis.call('DECR', KEYS[i]) end
end
return 0`

const takeScript = defineScript<number>(TAKE)
const clearScript = defineScript<number>(CLEAR)

/** One attempt to prove who one is; made by `takeAttempt`. */
export interface Attempt {
  /** It was right: this person's failures before it are forgotten. */
  succeed(userId: number): Promise<void>
}

/**
 * Counts an attempt to sign in, against whoever may have been meant and against the client's
 * address. All spellings of a name and the e-mail address of the same person share one counter. A
 * name that nobody owns has a counter like one that somebody does, which whoever merely claims it
 * does not clear. Only signing in is locked: whoever is signed in already goes on.
 *
 * @param nameKey folded
 * @throws {AppError} `account_locked` with the time to wait
 */
export async function takeAttempt(
  ctx: Pick<Ctx, 'config' | 'services' | 'clientIp'>,
  nameKey: string,
  people: { ownerId: number | undefined; claimantId?: number | undefined },
): Promise<Attempt> {
  const { config, services } = ctx
  const { ownerId, claimantId } = people
  const keys = [ownerId === undefined ? nameCounter(nameKey) : accountCounter(ownerId)]
  if (claimantId !== undefined) keys.push(accountCounter(claimantId))
  const limits = keys.map(() => config.MAX_LOGIN_ATTEMPTS)
  if (ctx.clientIp) {
    keys.push(`lockout:address:${clientOf(ctx.clientIp)}`)
    limits.push(config.MAX_LOGIN_ATTEMPTS_PER_ADDRESS)
  }
  await take(ctx, keys, limits)
  return {
    succeed: async (userId) => {
      const own = accountCounter(userId)
      await clearScript.run(services.redis, [own, ...keys.filter((key) => key !== own)], [])
    },
  }
}

/**
 * Counts an attempt of somebody who is signed in to prove again who they are. It has a counter of its
 * own: what strangers try at the sign-in must not keep people from what protects their account.
 *
 * @throws {AppError} `account_locked` with the time to wait
 */
export async function takeOwnAttempt(
  ctx: Pick<Ctx, 'config' | 'services'>,
  userId: number,
): Promise<Attempt> {
  await take(ctx, [ownCounter(userId)], [ctx.config.MAX_LOGIN_ATTEMPTS])
  return { succeed: async () => void (await ctx.services.redis.del(ownCounter(userId))) }
}

async function take(
  { config, services }: Pick<Ctx, 'config' | 'services'>,
  keys: string[],
  limits: number[],
): Promise<void> {
  const waitMs = await takeScript.run(services.redis, keys, [
    config.LOCKOUT_DURATION_MINUTES * 60_000,
    ...limits,
  ])
  if (waitMs === 0) return
  throw new AppError('account_locked', 'Too many failed attempts. Try again later.', {
    retryAfterSeconds: waitMs / 1000,
  })
}

/** Lets somebody try again at once; for administrators and after a password reset. */
export async function unlockAccount(redis: RedisClient, userId: number): Promise<void> {
  await redis.del(accountCounter(userId), ownCounter(userId))
}

const accountCounter = (userId: number) => `lockout:user:${userId}`
const ownCounter = (userId: number) => `lockout:signed-in:${userId}`

/** Hashed: what people type into the name field by mistake is often their password. */
const nameCounter = (nameKey: string) => `lockout:name:${sha256Hex(nameKey)}`
