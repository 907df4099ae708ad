import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { updateSession } from './store.ts'

/**
 * Demands that the person proved who they are not long ago, on this session. First line of what a
 * stolen access token must not be enough for.
 *
 * @throws {AppError} `fresh_login_required`; `forbidden` for an API key
 */
export function requireFreshLogin(ctx: Pick<Ctx, 'actor' | 'clock'>, maxAgeSeconds: number): void {
  const { actor } = ctx
  if (actor.type !== 'session')
    throw new AppError('forbidden', 'This call needs an access token; an API key is not enough.')
  if (ctx.clock.now() - actor.authenticatedAt > maxAgeSeconds * 1000)
    throw new AppError('fresh_login_required', 'Sign in again, then repeat this.')
}

/** Notes that the person has just given a second factor, on the session they are using. */
export async function markSecondFactor(ctx: Pick<Ctx, 'actor' | 'services'>): Promise<void> {
  if (ctx.actor.type !== 'session') return
  await updateSession(ctx.services.redis, ctx.actor.sessionId, { mfa: 1 })
}

/** Notes that the person has just proven who they are again, on the session they are using. */
export async function markFreshLogin(
  ctx: Pick<Ctx, 'actor' | 'clock' | 'services'>,
): Promise<void> {
  if (ctx.actor.type !== 'session') return
  await updateSession(ctx.services.redis, ctx.actor.sessionId, { auth: ctx.clock.now() })
}
