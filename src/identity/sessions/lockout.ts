import type { Ctx } from '../../context.ts'
import { type Counter, settleBy, takeAttempt as take } from '../../credentials/attempts/index.ts'
import { AppError } from '../../errors.ts'
import { clientOf } from '../../platform/address.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'
import type { RedisClient } from '../../platform/redis.ts'

type AttemptCtx = Pick<Ctx, 'config' | 'services' | 'clientIp' | 'clock' | 'random' | 'waitUntil'>

/** One attempt to prove who one is; made by `takeAttempt`. */
export interface Attempt {
  /**
   * Looks at the secret. Whoever is found has not guessed: their failures before are forgotten. Where a
   * store is down meanwhile, it was no attempt.
   *
   * @param look whose secret it is; null: nobody's
   */
  settleBy<Person extends { id: number }>(
    look: () => Promise<Person | null>,
  ): Promise<Person | null>
  /** Nothing was looked at: it was no attempt. */
  release(): void
}

/**
 * Counts an attempt to sign in, against whoever may have been meant and against the client's
 * address. All spellings of a name and the e-mail address of the same person share one counter. A
 * name that nobody owns has a counter like one that somebody does, which whoever merely claims it
 * does not clear. Only signing in is locked: whoever is signed in already goes on.
 *
 * @param nameKey folded
 * @throws {AppError} `account_locked` with the time to wait; `rate_limited` while others are under way
 */
export async function takeAttempt(
  ctx: AttemptCtx,
  nameKey: string,
  people: { ownerId: number | undefined; claimantId?: number | undefined },
): Promise<Attempt> {
  const { config } = ctx
  const { ownerId, claimantId } = people
  const keys = [ownerId === undefined ? nameCounter(nameKey) : accountCounter(ownerId)]
  if (claimantId !== undefined) keys.push(accountCounter(claimantId))
  const counters = keys.map((key) => ({ key, limit: config.MAX_LOGIN_ATTEMPTS }))
  if (ctx.clientIp) {
    const key = `lockout:address:${clientOf(ctx.clientIp)}`
    counters.push({ key, limit: config.MAX_LOGIN_ATTEMPTS_PER_ADDRESS })
  }
  return attemptOf(ctx, counters, accountCounter)
}

/**
 * Counts an attempt of somebody who is signed in to prove again who they are. It has a counter of its
 * own: what strangers try at the sign-in must not keep people from what protects their account.
 *
 * @throws {AppError} `account_locked` with the time to wait; `rate_limited` while others are under way
 */
export async function takeOwnAttempt(ctx: AttemptCtx, userId: number): Promise<Attempt> {
  const counter = { key: ownCounter(userId), limit: ctx.config.MAX_LOGIN_ATTEMPTS }
  return attemptOf(ctx, [counter], ownCounter)
}

async function attemptOf(
  ctx: AttemptCtx,
  counters: Counter[],
  counterOf: (userId: number) => string,
): Promise<Attempt> {
  const attempt = await take(ctx, counters)
  return {
    release: attempt.release,
    async settleBy<Person extends { id: number }>(look: () => Promise<Person | null>) {
      const seen: { person: Person | null } = { person: null }
      await settleBy(attempt, async () => {
        seen.person = await look()
        return seen.person !== null
      })
      if (seen.person) await attempt.succeed(counterOf(seen.person.id))
      return seen.person
    },
  }
}

/** Whether an attempt was refused for wrong ones, and not for others that are under way. */
export function isLock(error: unknown): boolean {
  return error instanceof AppError && error.code === 'account_locked'
}

/** Lets somebody try again at once; for administrators and after a password reset. */
export async function unlockAccount(redis: RedisClient, userId: number): Promise<void> {
  await redis.del(accountCounter(userId), ownCounter(userId))
}

const accountCounter = (userId: number) => `lockout:user:${userId}`
const ownCounter = (userId: number) => `lockout:signed-in:${userId}`

/** Hashed: what people type into the name field by mistake is often their password. */
const nameCounter = (nameKey: string) => `lockout:name:${sha256Hex(nameKey)}`
