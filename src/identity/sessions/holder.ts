import type { Context } from 'hono'
import type { AppEnv } from '../../app-env.ts'
import { AppError } from '../../errors.ts'
import { readRefreshCookie } from './refresh-cookie.ts'
import { generationKey, RECORD_FIELDS, readRecord, sessionKey } from './store.ts'

/**
 * Who is signed in where a request comes from: by its access token, or by the cookie of a browser in
 * which a link of a mail was opened. Good for telling that two proofs come from the same place; it opens
 * nothing.
 *
 * @returns the person's id; null: nobody is
 */
export async function holderOf(c: Context<AppEnv>): Promise<number | null> {
  const { actor, services, clock } = c.get('ctx')
  if (actor.type === 'session') return actor.userId
  const cookie = readRefreshCookie(c)
  if (cookie === undefined) return null
  try {
    const { sessionId, userId } = await services.tokens.verifyRefresh(cookie, clock.now())
    const [stored, generation] = await services.redis
      .pipeline()
      .hmget(sessionKey(sessionId), ...RECORD_FIELDS)
      .get<string>(generationKey(userId))
      .exec<[(string | null)[] | null, string | null]>()
    const session = readRecord(sessionId, userId, generation, stored)
    return session && session.endsAt > clock.now() ? userId : null
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_token') return null
    throw error
  }
}
