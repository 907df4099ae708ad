import type { Ctx } from '../../context.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { deleteAllSessions, deleteSession, sessionKey } from './store.ts'

const GENERATION_BYTES = 9

type EndCtx = Pick<Ctx, 'config' | 'services' | 'random' | 'waitUntil'>

/**
 * Ends all sessions of a person in one step; their access tokens are dead when this resolves.
 *
 * Where a secret is changed, call it before the change (Redis down: nothing happens) and again
 * after it, so that nobody who was checked against the old secret gets in between.
 *
 * @param exceptSessionId a session that goes on
 * @returns how many have ended
 */
export async function endAllSessions(
  ctx: EndCtx,
  userId: number,
  exceptSessionId?: string,
): Promise<number> {
  const { redis } = ctx.services
  const ended = await deleteAllSessions(redis, userId, {
    keep: exceptSessionId,
    freshGeneration: newGeneration(ctx),
    generationTtlMs: ctx.config.sessionMaxSeconds * 1000,
  })
  // Dead already; this only tidies up.
  if (ended.length > 0) ctx.waitUntil(redis.del(...ended.map(sessionKey)).catch(() => undefined))
  return ended.length
}

/**
 * Ends one session of a person.
 *
 * @returns false when this person has no such session
 */
export function endSession(
  ctx: Pick<Ctx, 'services'>,
  userId: number,
  sessionId: string,
): Promise<boolean> {
  return deleteSession(ctx.services.redis, userId, sessionId)
}

/** A random name for a new set of sessions. */
export function newGeneration(ctx: Pick<Ctx, 'random'>): string {
  return toBase64Url(ctx.random.bytes(GENERATION_BYTES))
}
