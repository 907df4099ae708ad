import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { defineScript } from '../../platform/script.ts'
import { withoutStoreTime } from '../../platform/store-time.ts'

/** How long an attempt may be under way; one whose Worker died is forgotten after it. */
const HELD_MS = 15_000
/** When whoever waits for attempts under way may come again. */
const SOON_SECONDS = 3

/**
 * Holds a place in each counter, or in none when one of them is full: wrong attempts and those under way
 * together are never more than the limit, so that parallel guesses never get more of them.
 *
 * KEYS a counter and its attempts under way, for each · ARGV id, nowMs, heldMs, the limit of each counter
 *
 * @returns 0: held; -1: full of attempts under way; else the milliseconds until one may try again
 */
const HOLD = `
local wait = 0
for i = 1, #KEYS, 2 do
  local limit = tonumber(ARGV[3 + (i + 1) / 2])
  local wrong = tonumber(redis.call('GET', KEYS[i]) or 0)
  if wrong >= limit then
    wait = math.max(wait, redis.call('PTTL', KEYS[i]), 1)
  else
    redis.call('ZREMRANGEBYSCORE', KEYS[i + 1], '-inf', ARGV[2])
    if wait == 0 and wrong + redis.call('ZCARD', KEYS[i + 1]) >= limit
      and not redis.call('ZSCORE', KEYS[i + 1], ARGV[1]) then wait = -1 end
  end
end
if wait ~= 0 then return wait end
for i = 2, #KEYS, 2 do
  redis.call('ZADD', KEYS[i], ARGV[2] + ARGV[3], ARGV[1])
  redis.call('PEXPIRE', KEYS[i], ARGV[3])
end
return 0`

/**
 * KEYS as above · ARGV id, windowMs or '' · Gives the places back; with a window each becomes a wrong
 * attempt. A repetition finds nothing to do.
 */
const SETTLE = `
for i = 1, #KEYS, 2 do
  if redis.call('ZREM', KEYS[i + 1], ARGV[1]) == 1 and ARGV[2] ~= '' then
    redis.call('INCR', KEYS[i])
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
  end
end
return 0`

const holdScript = defineScript<number>(HOLD)
const settleScript = defineScript<number>(SETTLE)

/** What attempts are counted by, and how many wrong ones it allows. */
export interface Counter {
  key: string
  limit: number
}

/** One attempt to prove who one is; made by `takeAttempt`. Until it is settled it counts as one under way. */
export interface Attempt {
  /** It was wrong. Counted even if the caller hangs up; throws if it could not be. */
  fail(): Promise<void>
  /** It was right: it does not count, and the wrong ones before, of these counters, are forgotten. */
  succeed(...forgotten: string[]): Promise<void>
  /** Nobody knows: a store was down. It does not count. */
  release(): void
}

type AttemptCtx = Pick<Ctx, 'config' | 'services' | 'clock' | 'random' | 'waitUntil'>

/**
 * Counts an attempt before the secret is looked at.
 *
 * @throws {AppError} `account_locked` with the time to wait; `rate_limited` while others are under way
 */
export async function takeAttempt(ctx: AttemptCtx, counters: Counter[]): Promise<Attempt> {
  const { redis } = ctx.services
  const windowMs = ctx.config.LOCKOUT_DURATION_MINUTES * 60_000
  const id = ctx.random.uuid()
  const keys = counters.flatMap(({ key }) => [key, `${key}:under-way`])
  const limits = counters.map(({ limit }) => limit)
  const wait = await holdScript.run(redis, keys, [id, ctx.clock.now(), HELD_MS, ...limits])
  if (wait < 0)
    throw new AppError(
      'rate_limited',
      'Other attempts of the same account are being checked right now. Try again in a few seconds.',
      { retryAfterSeconds: SOON_SECONDS },
    )
  if (wait > 0)
    throw new AppError('account_locked', 'Too many failed attempts. Try again later.', {
      retryAfterSeconds: wait / 1000,
    })
  const settle = (window: number | '') => settleScript.run(redis, keys, [id, window])
  return {
    async fail() {
      const failing = settle(windowMs)
      ctx.waitUntil(failing.catch(() => undefined))
      await failing
    },
    async succeed(...forgotten) {
      await Promise.all([settle(''), forgotten.length > 0 ? redis.del(...forgotten) : null])
    },
    release() {
      ctx.waitUntil(withoutStoreTime(() => settle('')).catch(() => undefined))
    },
  }
}

/**
 * Looks at a secret in an attempt and settles it.
 *
 * @param look whether the secret is right; where it throws, the attempt does not count
 */
export async function settleBy(attempt: Attempt, look: () => Promise<boolean>): Promise<boolean> {
  let isRight: boolean
  try {
    isRight = await look()
  } catch (error) {
    attempt.release()
    throw error
  }
  if (!isRight) await attempt.fail()
  return isRight
}
