import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'

const MAX_REMEMBERED = 10_000

/** How often this isolate has refused a token lately, by its hash. */
const refused = new Map<string, { count: number; until: number }>()

/**
 * Counts refusals of one and the same refresh token, whoever sends it: a front end that takes every 401
 * for an expired access token asks again without end. Beyond `REFRESH_RATE_LIMIT` the answer is 429, from
 * memory: no store is asked, and what such a front end does with it is stop.
 *
 * @param attempt the refresh
 * @throws {AppError} `rate_limited`, and whatever the attempt throws
 */
export async function countRefusals<Result>(
  ctx: Pick<Ctx, 'config' | 'clock'>,
  token: string,
  attempt: () => Promise<Result>,
): Promise<Result> {
  const { limit, windowSeconds } = ctx.config.rateLimits.refresh
  const hash = sha256Hex(token)
  const known = refused.get(hash)
  const now = ctx.clock.now()
  if (known && known.until > now && known.count >= limit)
    throw new AppError('rate_limited', 'This refresh token is worth nothing. Sign in again.', {
      retryAfterSeconds: (known.until - now) / 1000,
    })
  try {
    return await attempt()
  } catch (error) {
    if (error instanceof AppError && error.status === 401) note(hash, now, windowSeconds * 1000)
    throw error
  }
}

function note(hash: string, nowMs: number, windowMs: number): void {
  const known = refused.get(hash)
  if (known && known.until > nowMs) {
    known.count++
    return
  }
  if (refused.size >= MAX_REMEMBERED) refused.clear()
  refused.set(hash, { count: 1, until: nowMs + windowMs })
}
