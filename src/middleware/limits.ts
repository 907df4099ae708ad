import type { LimitName } from '../config.ts'
import type { Ctx, Person } from '../context.ts'
import type { Role } from '../db/schema/users.ts'
import { clientOf } from '../platform/address.ts'
import type { RateVerdict } from '../platform/rate-limit.ts'
import type { RatePolicy } from '../platform/rate-policy.ts'

type LimitCtx = Pick<Ctx, 'config' | 'services' | 'clock' | 'clientIp'>

/** Whose limits a call is counted against. */
export interface Caller {
  userId: number
  role: Role
  trustLevel: number
  /** The key's own limit, by the minute; null for an access token, or a key without one. */
  key: { id: number; requestsPerMinute: number } | null
}

/** One limit and whose share of it is counted. */
interface Share {
  policy: RatePolicy
  who: string
}

const MINUTE_SECONDS = 60

/**
 * Counts a call against the limit that an endpoint has for each address. Cloudflare always says the
 * address; where nobody does there is nothing to count by, and the other limits have to do.
 */
export async function takeAddressLimit(
  ctx: LimitCtx,
  name: LimitName,
): Promise<RateVerdict | null> {
  if (ctx.clientIp === null) return null
  const policy = { name, ...ctx.config.rateLimits[name] }
  return ctx.services.rateLimiter.take(policy, clientOf(ctx.clientIp), ctx.clock.now())
}

export function callerOf(actor: Person): Caller {
  const { userId, role, trustLevel } = actor
  if (actor.type !== 'api_key') return { userId, role, trustLevel, key: null }
  const { requestsPerMinute } = actor.limits
  return {
    userId,
    role,
    trustLevel,
    key: requestsPerMinute === null ? null : { id: actor.apiKeyId, requestsPerMinute },
  }
}

/**
 * Counts a call against the limits of the person and of the key, in one round trip. Where the
 * one refuses it, the other does not count it.
 *
 * @returns at once where no round trip is needed
 */
export function takeLimits(
  ctx: LimitCtx & Pick<Ctx, 'waitUntil'>,
  caller: Caller,
  how: 'take' | 'takeSliced',
): RateVerdict[] | Promise<RateVerdict[]> {
  const { rateLimiter } = ctx.services
  const now = ctx.clock.now()
  const shares = sharesOf(ctx, caller)
  const verdicts = shares.map(({ policy, who }) =>
    how === 'take'
      ? rateLimiter.take(policy, who, now)
      : rateLimiter.takeSliced(policy, who, now, ctx.waitUntil),
  )
  return verdicts.every((verdict) => !(verdict instanceof Promise))
    ? settle(ctx, shares, verdicts as RateVerdict[])
    : Promise.all(verdicts).then((all) => settle(ctx, shares, all))
}

/** Gives a call back that is not made after all, or was counted against limits that are not its own. */
export function refundLimits(
  ctx: LimitCtx & Pick<Ctx, 'waitUntil'>,
  caller: Caller,
  verdicts: readonly RateVerdict[],
): void {
  // Where one limit refused it, the others have had it back already.
  if (verdicts.every(({ isAllowed }) => isAllowed)) refund(ctx, sharesOf(ctx, caller), verdicts)
}

/** Whether two callers are counted against the same limits. */
export function haveSameLimits(ctx: Pick<Ctx, 'config'>, one: Caller, other: Caller): boolean {
  const [a, b] = [personPolicy(ctx, one), personPolicy(ctx, other)]
  return (
    a.name === b.name &&
    a.limit === b.limit &&
    a.windowSeconds === b.windowSeconds &&
    one.key?.requestsPerMinute === other.key?.requestsPerMinute
  )
}

function settle(
  ctx: LimitCtx & Pick<Ctx, 'waitUntil'>,
  shares: Share[],
  verdicts: RateVerdict[],
): RateVerdict[] {
  if (verdicts.some(({ isAllowed }) => !isAllowed)) refund(ctx, shares, verdicts)
  return verdicts
}

function refund(
  ctx: LimitCtx & Pick<Ctx, 'waitUntil'>,
  shares: Share[],
  verdicts: readonly RateVerdict[],
): void {
  for (const [index, { policy, who }] of shares.entries()) {
    if (!verdicts[index]?.isAllowed) continue
    const giving = ctx.services.rateLimiter.refund(policy, who, ctx.clock.now())
    ctx.waitUntil(giving.catch(() => undefined))
  }
}

function sharesOf(ctx: Pick<Ctx, 'config'>, caller: Caller): Share[] {
  const ofPerson = { policy: personPolicy(ctx, caller), who: String(caller.userId) }
  if (!caller.key) return [ofPerson]
  const { id, requestsPerMinute: limit } = caller.key
  return [
    ofPerson,
    { policy: { name: 'key', limit, windowSeconds: MINUTE_SECONDS }, who: String(id) },
  ]
}

/**
 * By role, and by trust level for whoever is no guest. All levels are counted in one place: another
 * level does not give back what has been used.
 */
function personPolicy(
  { config }: Pick<Ctx, 'config'>,
  { role, trustLevel }: Pick<Caller, 'role' | 'trustLevel'>,
): RatePolicy {
  if (role === 'guest') return { name: 'guest', ...config.rateLimits.guest }
  const level = Math.min(Math.max(trustLevel, 0), config.personRateLimits.length - 1)
  const rate = config.personRateLimits[level] ?? config.RATE_LIMIT
  return { name: 'person', ...rate }
}
