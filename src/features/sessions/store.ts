import type { RedisClient } from '../../platform/redis.ts'

/**
 * The record of a login on one device. It is the truth: a token whose record is gone is dead, and
 * losing Redis logs everybody out.
 */
interface NewSession {
  sessionId: string
  userId: number
  /** `jti` of the only refresh token that may be used next. */
  refreshTokenId: string
  ip: string | null
  userAgent: string | null
  nowMs: number
  ttlSeconds: number
}

export const sessionKey = (sessionId: string) => `session:${sessionId}`
const userSessionsKey = (userId: number) => `user-sessions:${userId}`

/** Opens a session: the record and its entry in the person's list appear together. */
export async function openSession(redis: RedisClient, session: NewSession): Promise<void> {
  const { sessionId, userId, nowMs, ttlSeconds } = session
  const listKey = userSessionsKey(userId)
  await redis
    .multi()
    .hset(sessionKey(sessionId), {
      uid: userId,
      refresh: session.refreshTokenId,
      ip: session.ip ?? '',
      ua: session.userAgent?.slice(0, 200) ?? '',
      created: nowMs,
    })
    .expire(sessionKey(sessionId), ttlSeconds)
    .zremrangebyscore(listKey, 0, nowMs)
    .zadd(listKey, { score: nowMs + ttlSeconds * 1000, member: sessionId })
    .expire(listKey, ttlSeconds)
    .exec()
}
