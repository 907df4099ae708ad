import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { recordSoon } from '../../notices/audit/index.ts'
import type { RefreshClaims } from '../../ports/tokens.ts'
import { endAllKeys } from '../ownership/index.ts'
import { endAllSessions, endSession } from './end-sessions.ts'

/**
 * Signs this device out: the session of the access token, and the one of the refresh token if one
 * is handed over. Either is enough, so that somebody whose access token has expired can sign out.
 *
 * @throws {AppError} `not_authenticated` without a token that holds; `forbidden` when the refresh
 *   token is somebody else's, or for an API key
 */
export async function logout(ctx: Ctx, refreshToken: string | undefined): Promise<void> {
  const { actor } = ctx
  if (actor.type === 'api_key')
    throw new AppError('forbidden', 'An API key has no session to end. Delete the key instead.')
  const handed = refreshToken === undefined ? null : await readToken(ctx, refreshToken)
  if (actor.type !== 'session') {
    if (!handed)
      throw new AppError('not_authenticated', 'Send your access token or your refresh token.')
    await end(ctx, handed.userId, [handed.sessionId])
    return
  }
  if (handed && handed.userId !== actor.userId)
    throw new AppError('forbidden', 'This refresh token is not yours.')
  await end(ctx, actor.userId, [actor.sessionId, ...(handed ? [handed.sessionId] : [])])
}

/**
 * Signs the person out everywhere.
 *
 * @param endsKeys whether their API keys end, too
 * @returns how many API keys have ended
 */
export async function logoutAll(ctx: Ctx, endsKeys: boolean): Promise<number> {
  const { userId } = requirePerson(ctx)
  const count = await endAllSessions(ctx, userId)
  recordSoon(ctx, { event: 'session.all_ended', userId, details: { sessions: count } })
  return endsKeys ? endAllKeys(ctx, userId) : 0
}

async function end(ctx: Ctx, userId: number, sessionIds: string[]): Promise<void> {
  const ended = await Promise.all(
    [...new Set(sessionIds)].map((sessionId) => endSession(ctx, userId, sessionId)),
  )
  if (ended.includes(true)) recordSoon(ctx, { event: 'session.ended', userId })
}

/** A refresh token that does not hold any more has nothing left to end. */
async function readToken(ctx: Ctx, token: string): Promise<RefreshClaims | null> {
  try {
    return await ctx.services.tokens.verifyRefresh(token, ctx.clock.now())
  } catch (error) {
    if (error instanceof AppError && error.status === 401) return null
    throw error
  }
}
