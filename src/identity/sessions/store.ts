import { generationKey, sessionKey } from '../../credentials/principals/index.ts'
import type { RedisClient } from '../../platform/redis.ts'
import { defineScript } from '../../platform/script.ts'
import { END, END_ALL, ENSURE_GENERATION, OPEN, ROTATE, UPDATE } from './scripts.ts'

export { generationKey, sessionKey }

/** A record without a generation, or one whose person has another one by now, is no session. */
const openScript = defineScript<number>(OPEN)
const rotateScript = defineScript<string>(ROTATE)
const ensureScript = defineScript<string>(ENSURE_GENERATION)
const endScript = defineScript<number>(END)
const endAllScript = defineScript<string[]>(END_ALL)
const updateScript = defineScript<number>(UPDATE)

/**
 * The record of a login on one device. It is the truth: a token whose record is gone is dead, and
 * losing Redis logs everybody out. Times are milliseconds since the epoch.
 */
export interface SessionRecord {
  sessionId: string
  userId: number
  ip: string | null
  userAgent: string | null
  createdAt: number
  lastSeenAt: number
  /** When the person last proved who they are. */
  authenticatedAt: number
  /** Nothing carries the session beyond this moment. */
  endsAt: number
  /** Whether the person gave a second factor on it. */
  hasSecondFactor: boolean
  /** The person's when it was opened. */
  tenure: number
}

export interface NewSession {
  sessionId: string
  userId: number
  /** `jti` of the only refresh token that may be used next. */
  refreshTokenId: string
  ip: string | null
  userAgent: string | null
  nowMs: number
  ttlMs: number
  endsAt: number
  hasSecondFactor: boolean
  /** The person's when they were checked. */
  tenure: number
  /** The generation that was current when the person was checked; absent: whatever it is now. */
  generation?: string | undefined
  /** Random, for a person who has no generation yet. */
  freshGeneration: string
  /** As long as the longest session can last. */
  generationTtlMs: number
}

export const userSessionsKey = (userId: number) => `user-sessions:${userId}`

/** The fields of a record in the order that `readRecord` takes them in. */
export const RECORD_FIELDS = [
  'uid',
  'gen',
  'ip',
  'ua',
  'created',
  'seen',
  'auth',
  'ends',
  'mfa',
  'tenure',
] as const

const USER_AGENT_LENGTH = 300

/**
 * Opens a session: the record and its entry in the person's list appear together.
 *
 * @returns how many sessions the person has now; -1 when all sessions were ended since the check
 */
export async function openSession(redis: RedisClient, session: NewSession): Promise<number> {
  const { sessionId, userId, nowMs } = session
  return openScript.run(
    redis,
    [sessionKey(sessionId), userSessionsKey(userId), generationKey(userId)],
    [
      userId,
      sessionId,
      nowMs,
      session.ttlMs,
      session.generationTtlMs,
      session.generation ?? '',
      session.freshGeneration,
      ...['refresh', session.refreshTokenId],
      ...['ip', session.ip ?? ''],
      ...['ua', session.userAgent?.slice(0, USER_AGENT_LENGTH) ?? ''],
      ...['created', nowMs],
      ...['seen', nowMs],
      ...['auth', nowMs],
      ...['ends', session.endsAt],
      ...['mfa', session.hasSecondFactor ? 1 : 0],
      ...['tenure', session.tenure],
    ],
  )
}

export interface Rotation {
  sessionId: string
  userId: number
  /** The token that is used now, and the one that may be used next. */
  tokenId: string
  nextTokenId: string
  nowMs: number
  ttlMs: number
  generationTtlMs: number
  leewayMs: number
  /** The successors, sealed; kept only while there is a leeway. */
  sealedPair: string
  /** From where it is used; the pair is given again only there. */
  place: string
  ip: string | null
  userAgent: string | null
}

/** A token that is worth nothing any more, or one that gets the sealed pair it was exchanged for before. */
type Spent = { type: 'replayed' } | { type: 'gone' } | { type: 'again'; sealedPair: string }

/** @returns what became of the token */
export async function rotateSession(
  redis: RedisClient,
  rotation: Rotation,
): Promise<{ type: 'rotated' } | Spent> {
  const { sessionId, userId } = rotation
  const answer = await rotateScript.run(
    redis,
    [sessionKey(sessionId), userSessionsKey(userId), generationKey(userId)],
    [
      userId,
      sessionId,
      rotation.tokenId,
      rotation.nextTokenId,
      rotation.nowMs,
      rotation.ttlMs,
      rotation.leewayMs,
      rotation.sealedPair,
      rotation.place,
      rotation.ip ?? '',
      rotation.userAgent?.slice(0, USER_AGENT_LENGTH) ?? '',
      rotation.generationTtlMs,
    ],
  )
  return answer === 'rotated' ? { type: 'rotated' } : spentBy(answer)
}

/**
 * Looks at a token that seems to have been used before, and ends its session if it is a replay.
 *
 * @returns what became of the token; `current` when it has not been used
 */
export async function judgeSpent(
  redis: RedisClient,
  spent: Pick<Rotation, 'sessionId' | 'userId' | 'tokenId' | 'nowMs' | 'leewayMs' | 'place'>,
): Promise<{ type: 'current' } | Spent> {
  const { sessionId, userId, tokenId, nowMs, leewayMs, place } = spent
  const answer = await rotateScript.run(
    redis,
    [sessionKey(sessionId), userSessionsKey(userId), generationKey(userId)],
    [userId, sessionId, tokenId, '', nowMs, 0, leewayMs, '', place],
  )
  return answer === 'current' ? { type: 'current' } : spentBy(answer)
}

function spentBy(answer: string): Spent {
  return answer === 'replayed' || answer === 'gone'
    ? { type: answer }
    : { type: 'again', sealedPair: answer }
}

/** @returns false when there is no such session of this person */
export async function deleteSession(
  redis: RedisClient,
  userId: number,
  sessionId: string,
): Promise<boolean> {
  const keys = [sessionKey(sessionId), userSessionsKey(userId)]
  return (await endScript.run(redis, keys, [userId, sessionId])) === 1
}

/** @returns the ids of the sessions that have ended; their records are dead and may be deleted */
export async function deleteAllSessions(
  redis: RedisClient,
  userId: number,
  options: { keep: string | undefined; freshGeneration: string; generationTtlMs: number },
): Promise<string[]> {
  const { keep = '', freshGeneration, generationTtlMs } = options
  return endAllScript.run(
    redis,
    [userSessionsKey(userId), generationKey(userId), sessionKey(keep)],
    [userId, freshGeneration, generationTtlMs, keep],
  )
}

/** Changes fields of a session that is there. */
export async function updateSession(
  redis: RedisClient,
  sessionId: string,
  fields: Partial<Record<'seen' | 'auth' | 'mfa', number>>,
): Promise<void> {
  await updateScript.run(redis, [sessionKey(sessionId)], Object.entries(fields).flat())
}

/**
 * Makes a record of what Redis holds.
 *
 * @returns null for a session that has ended, or that is somebody else's
 */
export function readRecord(
  sessionId: string,
  userId: number,
  generation: string | null,
  stored: (string | null | undefined)[] | null,
): SessionRecord | null {
  const [uid, gen, ip, ua, created, seen, auth, ends, mfa, tenure] = stored ?? []
  if (uid !== String(userId) || !gen || gen !== generation) return null
  return {
    sessionId,
    userId,
    ip: ip || null,
    userAgent: ua || null,
    createdAt: Number(created),
    lastSeenAt: Number(seen),
    authenticatedAt: Number(auth),
    endsAt: Number(ends),
    hasSecondFactor: mfa === '1',
    tenure: Number(tenure ?? 0),
  }
}

/** The name of the person's present set of sessions; there is one from now on. */
export async function currentGeneration(
  redis: RedisClient,
  userId: number,
  fresh: { generation: string; ttlMs: number },
): Promise<string> {
  return ensureScript.run(redis, [generationKey(userId)], [fresh.generation, fresh.ttlMs])
}

/** All sessions of a person that still hold. */
export async function findSessions(
  redis: RedisClient,
  userId: number,
  nowMs: number,
): Promise<SessionRecord[]> {
  const ids = await redis.zrange<string[]>(userSessionsKey(userId), nowMs, '+inf', {
    byScore: true,
  })
  if (ids.length === 0) return []
  const pipeline = redis.pipeline().get<string>(generationKey(userId))
  for (const id of ids) pipeline.hmget(sessionKey(id), ...RECORD_FIELDS)
  const [generation, ...stored] =
    await pipeline.exec<[string | null, ...((string | null)[] | null)[]]>()
  return ids.flatMap((id, index) => {
    const record = readRecord(id, userId, generation, stored[index] ?? null)
    return record && record.endsAt > nowMs ? [record] : []
  })
}
