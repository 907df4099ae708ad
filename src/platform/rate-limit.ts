import { Ratelimit } from '@upstash/ratelimit'
import type { RedisClient } from './redis.ts'

/** So many calls in a sliding window. */
export interface RatePolicy {
  /** Counts apart from other policies; part of the Redis key and of the `RateLimit-Policy` header. */
  name: string
  limit: number
  windowSeconds: number
}

/** What became of one call. */
export interface RateVerdict {
  policy: RatePolicy
  isAllowed: boolean
  remaining: number
  /** Seconds until more calls are free. */
  resetSeconds: number
}

export interface RateLimiter {
  /** Counts one call of `who`, in one round trip. Rejects when Redis does not answer. */
  take(policy: RatePolicy, who: string, nowMs: number): Promise<RateVerdict>
  /** Gives one call back. */
  refund(policy: RatePolicy, who: string): Promise<void>
}

export function createRateLimiter(redis: RedisClient): RateLimiter {
  const limiters = new Map<string, Ratelimit>()
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

  return {
    async take(policy, who, nowMs) {
      const { success, remaining, reset } = await limiterOf(policy).limit(who)
      const resetSeconds = Math.max(1, Math.ceil((reset - nowMs) / 1000))
      return { policy, isAllowed: success, remaining: Math.max(0, remaining), resetSeconds }
    },
    async refund(policy, who) {
      await limiterOf(policy).limit(who, { rate: -1 })
    },
  }
}

/**
 * The header fields of draft-ietf-httpapi-ratelimit-headers in the form that most clients read, and
 * its `RateLimit-Policy`.
 */
export function rateHeaders({ policy, remaining, resetSeconds }: RateVerdict) {
  return {
    'ratelimit-limit': String(policy.limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetSeconds),
    'ratelimit-policy': `${policy.limit};w=${policy.windowSeconds}`,
  }
}

/** The same in OpenAI's words, which its SDKs and their users look for. */
export function openAIRateHeaders({ policy, remaining, resetSeconds }: RateVerdict) {
  return {
    'x-ratelimit-limit-requests': String(policy.limit),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': `${resetSeconds}s`,
  }
}
