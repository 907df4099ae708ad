import { Ratelimit } from '@upstash/ratelimit'
import type { HeaderLine } from './http/headers.ts'
import type { RatePolicy } from './rate-policy.ts'
import { type Slice, Slices } from './rate-slices.ts'
import type { RedisClient } from './redis.ts'
import { withoutStoreTime } from './store-time.ts'

/** What became of one call. */
export interface RateVerdict {
  policy: RatePolicy
  isAllowed: boolean
  /** Calls that are left, as far as this isolate knows: others may have been made elsewhere since. */
  remaining: number
  /** Seconds until more calls are free. */
  resetSeconds: number
}

export interface RateLimiter {
  /** Counts one call of `who`, in one round trip. Rejects when Redis does not answer. */
  take(policy: RatePolicy, who: string, nowMs: number): Promise<RateVerdict>
  /**
   * The same where a limit is large: far from its end one round trip counts a slice of calls, whose
   * calls are then let through without asking, and before it is used up the next one is asked for.
   * Never more than `limit` calls pass, over all isolates: what is not used of a slice lapses with
   * its window.
   *
   * @param waitUntil takes what goes on beside the call
   * @returns at once where no round trip is needed
   */
  takeSliced(
    policy: RatePolicy,
    who: string,
    nowMs: number,
    waitUntil: (work: Promise<unknown>) => void,
  ): RateVerdict | Promise<RateVerdict>
  /** Gives back a call that was just counted: to this isolate's slice where it has one. */
  refund(policy: RatePolicy, who: string, nowMs: number): Promise<void>
}

export function createRateLimiter(redis: RedisClient): RateLimiter {
  const limiters = new Map<string, Ratelimit>()
  const slices = new Slices()
  const limiterOf = ({ name, limit, windowSeconds }: RatePolicy) => {
    const id = `${name}:${limit}:${windowSeconds}`
    let limiter = limiters.get(id)
    if (!limiter) {
      limiter = new Ratelimit({
        redis,
        prefix: `rl:${name}`,
        limiter: Ratelimit.slidingWindow(limit, `${windowSeconds} s`),
        // By default a Redis that does not answer within five seconds lets everybody through.
        timeout: 0,
        ephemeralCache: false,
        analytics: false,
      })
      limiters.set(id, limiter)
    }
    return limiter
  }

  /**
   * A slice that does not fit is refused whole: others have used the limit up meanwhile.
   *
   * @param made calls of it that are made now
   */
  const askForSlice = async (
    policy: RatePolicy,
    who: string,
    slice: Slice,
    nowMs: number,
    made: 0 | 1,
  ) => {
    const calls = slice.beginAsking(nowMs)
    try {
      const { success, remaining, reset } = await limiterOf(policy).limit(who, { rate: calls })
      slice.note({ remaining, resetAt: reset }, success ? calls - made : 0)
      return verdict(policy, success, success ? remaining + slice.spare : 0, reset - nowMs)
    } finally {
      slice.endAsking(calls)
    }
  }

  return {
    async take(policy, who, nowMs) {
      const { success, remaining, reset } = await limiterOf(policy).limit(who)
      return verdict(policy, success, Math.max(0, remaining), reset - nowMs)
    },
    takeSliced(policy, who, nowMs, waitUntil) {
      const slice = slices.of(policy, who)
      if (!slice.use(nowMs)) return askForSlice(policy, who, slice, nowMs, 1)
      // Nobody waits for this: without it the next call asks for itself.
      if (slice.isLow(nowMs)) {
        const asking = withoutStoreTime(() => askForSlice(policy, who, slice, nowMs, 0))
        waitUntil(asking.catch(() => undefined))
      }
      return verdict(policy, true, slice.remaining + slice.spare, slice.resetAt - nowMs)
    },
    async refund(policy, who, nowMs) {
      const isKept = slices.of(policy, who).giveBack(nowMs)
      if (!isKept) await limiterOf(policy).limit(who, { rate: -1 })
    },
  }
}

function verdict(
  policy: RatePolicy,
  isAllowed: boolean,
  remaining: number,
  resetMs: number,
): RateVerdict {
  return { policy, isAllowed, remaining, resetSeconds: Math.max(1, Math.ceil(resetMs / 1000)) }
}

/**
 * The header fields of draft-ietf-httpapi-ratelimit-headers in the form that most clients read, and
 * its `RateLimit-Policy`.
 */
export function rateHeaders({ policy, remaining, resetSeconds }: RateVerdict): HeaderLine[] {
  return [
    ['ratelimit-limit', String(policy.limit)],
    ['ratelimit-remaining', String(remaining)],
    ['ratelimit-reset', String(resetSeconds)],
    ['ratelimit-policy', `${policy.limit};w=${policy.windowSeconds}`],
  ]
}

/** The same in OpenAI's words, which its SDKs and their users look for. */
export function openAIRateHeaders({ policy, remaining, resetSeconds }: RateVerdict): HeaderLine[] {
  return [
    ['x-ratelimit-limit-requests', String(policy.limit)],
    ['x-ratelimit-remaining-requests', String(remaining)],
    ['x-ratelimit-reset-requests', `${resetSeconds}s`],
  ]
}
