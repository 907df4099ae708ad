import type { Ctx } from '../../context.ts'
import { settleBy, takeAttempt } from '../attempts/index.ts'

/** Where a code is given: at a sign-in, or by somebody who is signed in. */
export type CodePlace = 'sign-in' | 'signed-in'
const counterKey = (userId: number, place: CodePlace) => `lockout:second-factor:${place}:${userId}`

/**
 * Counts an attempt at the second factor and looks at the code. It has a counter of its own: a right
 * password, which whoever guesses codes has, must not clear it. And each place has its own: whoever knows
 * the password can lock the sign-in, and must not keep anybody who is signed in from what protects their
 * account. Where a store is down meanwhile, it was no attempt.
 *
 * @param look whether the code is right
 * @throws {AppError} `account_locked` with the time to wait; `rate_limited` while others are under way
 */
export async function attemptCode(
  ctx: Pick<Ctx, 'config' | 'services' | 'clock' | 'random' | 'waitUntil'>,
  userId: number,
  place: CodePlace,
  look: () => Promise<boolean>,
): Promise<boolean> {
  const key = counterKey(userId, place)
  const attempt = await takeAttempt(ctx, [{ key, limit: ctx.config.MAX_LOGIN_ATTEMPTS }])
  const isRight = await settleBy(attempt, look)
  if (isRight) await attempt.succeed(key)
  return isRight
}

/**
 * A code was right, or somebody helps: the wrong ones before are forgotten.
 *
 * @param places where; absent: everywhere
 */
export async function clearCodeAttempts(
  ctx: Pick<Ctx, 'services'>,
  userId: number,
  ...places: CodePlace[]
): Promise<void> {
  const chosen: CodePlace[] = places.length > 0 ? places : ['sign-in', 'signed-in']
  await ctx.services.redis.del(...chosen.map((place) => counterKey(userId, place)))
}
