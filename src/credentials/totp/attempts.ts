import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { defineScript } from '../../platform/script.ts'

/**
 * Takes one attempt before the code is looked at, so that parallel guesses never get more of them.
 *
 * KEYS the person's counter · ARGV windowMs, limit
 *
 * @returns 0, or the milliseconds to wait
 */
const TAKE = `
if tonumber(redis.call('GET', KEYS[1]) or 0) >= tonumber(ARGV[2]) then
  return math.max(redis.call('PTTL', KEYS[1]), 1)
end
redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 0`

const takeScript = defineScript<number>(TAKE)
const counterKey = (userId: number) => `lockout:second-factor:${userId}`

/**
 * Counts an attempt at the second factor. It has a counter of its own: a right password, which
 * whoever guesses codes has, must not clear it.
 *
 * @throws {AppError} `account_locked` with the time to wait
 */
export async function takeCodeAttempt(
  ctx: Pick<Ctx, 'config' | 'services'>,
  userId: number,
): Promise<void> {
  const { config, services } = ctx
  const waitMs = await takeScript.run(
    services.redis,
    [counterKey(userId)],
    [config.LOCKOUT_DURATION_MINUTES * 60_000, config.MAX_LOGIN_ATTEMPTS],
  )
  if (waitMs > 0)
    throw new AppError('account_locked', 'Too many wrong codes. Try again later.', {
      retryAfterSeconds: waitMs / 1000,
    })
}

/** A code was right, or an administrator helps: the wrong ones before are forgotten. */
export async function clearCodeAttempts(ctx: Pick<Ctx, 'services'>, userId: number): Promise<void> {
  await ctx.services.redis.del(counterKey(userId))
}
