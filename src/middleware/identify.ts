import type { Context } from 'hono'
import type { AppEnv } from '../app-env.ts'
import type { Actor, Ctx } from '../context.ts'
import type { Role } from '../db/schema/users.ts'
import { AppError } from '../errors.ts'
import { authenticateKey, recallOwner } from '../features/principals/index.ts'
import { authenticateSession, verifyAccessToken } from '../features/sessions/index.ts'
import type { RateVerdict } from '../platform/rate-limit.ts'
import { refundRoleLimit, rolePolicy, takeRoleLimit } from './limits.ts'

/** Every key begins like this, ours and those that people confuse with ours. */
const ANY_KEY = /^sk-/

/**
 * Puts the actor behind the request's credential into the context and counts the call against the
 * limit of their role.
 *
 * @throws {AppError} `not_authenticated`, `invalid_token`, `invalid_api_key`, `account_disabled`
 */
export async function identify(c: Context<AppEnv>): Promise<RateVerdict | null> {
  const ctx = c.get('ctx')
  const credential = readCredential(c)
  if (!credential)
    throw new AppError('not_authenticated', 'Send your credential as "Authorization: Bearer …".')
  if (ANY_KEY.test(credential)) return identifyKey(ctx, credential)
  // The signature holds from here on: the token was this person's, whatever has become of it.
  const claims = await verifyAccessToken(ctx, credential)
  return together(ctx, claims, () => authenticateSession(ctx, claims))
}

/** Only a credential that does not hold is passed over; a store that is down still says so. */
export async function identifyIfPossible(c: Context<AppEnv>): Promise<RateVerdict | null> {
  try {
    return await identify(c)
  } catch (error) {
    if (error instanceof AppError && error.status === 401) return null
    throw error
  }
}

/**
 * A key that this isolate has not seen is identified first and counted afterwards, so that nobody
 * uses up the limit of a person whose key they made up. Where Redis has not heard of the
 * person, the call is counted without waiting: two stores have been waited for already, and somebody whom Redis has
 * not heard of lately is not over a limit by the minute. A guest's limit is by the day, and waits.
 */
async function identifyKey(ctx: Ctx, key: string): Promise<RateVerdict | null> {
  const owner = recallOwner(key)
  if (owner) return together(ctx, owner, async () => (await authenticateKey(ctx, key)).actor)
  const { actor, isUnheardOf } = await authenticateKey(ctx, key)
  ctx.actor = actor
  const count = takeRoleLimit(ctx, actor.userId, actor.role)
  if (!isUnheardOf || actor.role === 'guest') return count
  ctx.waitUntil(count.catch(() => undefined))
  return null
}

/**
 * Asks who it is and counts the call in one round trip.
 *
 * @param expected whom the credential belonged to when it was last looked at
 */
async function together(
  ctx: Ctx,
  expected: { userId: number; role: Role },
  authenticate: () => Promise<Actor>,
): Promise<RateVerdict> {
  const { userId, role } = expected
  const [actor, verdict] = await Promise.allSettled([
    authenticate(),
    takeRoleLimit(ctx, userId, role),
  ])
  if (actor.status === 'rejected') {
    // A credential that is dead must not be good for using up the limit of whoever lost it.
    if (verdict.status === 'fulfilled' && verdict.value.isAllowed)
      ctx.waitUntil(refundRoleLimit(ctx, userId, role).catch(() => undefined))
    throw actor.reason
  }
  ctx.actor = actor.value
  if (verdict.status === 'rejected') throw verdict.reason
  const isSamePolicy =
    'role' in ctx.actor && rolePolicy(ctx, ctx.actor.role).name === rolePolicy(ctx, role).name
  // The role has changed since the token was made.
  return isSamePolicy ? verdict.value : countAgain(ctx)
}

function countAgain(ctx: Ctx): Promise<RateVerdict> {
  if (!('userId' in ctx.actor)) throw new AppError('not_authenticated')
  return takeRoleLimit(ctx, ctx.actor.userId, ctx.actor.role)
}

/**
 * RFC 6750 §2.1; the scheme's name is case-insensitive (RFC 9110 §11.1). Whatever is not of that form
 * is no credential.
 */
function readCredential(c: Context<AppEnv>): string | undefined {
  const bearer = /^bearer +([\w.~+/=-]+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
  const bare = c.req.header('x-api-key') ?? c.req.header('x-goog-api-key')
  return bearer ?? (bare?.trim() || undefined)
}
