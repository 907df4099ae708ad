import type { Ctx } from '../context.ts'
import type { Role } from '../db/schema/users.ts'
import { clientOf } from '../platform/address.ts'
import type { LimitName } from '../platform/http/endpoint.ts'
import type { RatePolicy, RateVerdict } from '../platform/rate-limit.ts'

type LimitCtx = Pick<Ctx, 'config' | 'services' | 'clock' | 'clientIp'>

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

/** Counts a call against the limit of the person's role. */
export function takeRoleLimit(ctx: LimitCtx, userId: number, role: Role): Promise<RateVerdict> {
  const policy = rolePolicy(ctx, role)
  return ctx.services.rateLimiter.take(policy, String(userId), ctx.clock.now())
}

/** Gives a call back that turned out not to be the person's. */
export function refundRoleLimit(ctx: LimitCtx, userId: number, role: Role): Promise<void> {
  return ctx.services.rateLimiter.refund(rolePolicy(ctx, role), String(userId))
}

export function rolePolicy({ config }: Pick<Ctx, 'config'>, role: Role): RatePolicy {
  const isGuest = role === 'guest'
  return {
    name: isGuest ? 'guest' : 'person',
    ...(isGuest ? config.rateLimits.guest : config.rateLimits.person),
  }
}
