import type { Role } from '../../db/schema/users.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import type { Random } from '../../platform/random.ts'
import type { RedisClient } from '../../platform/redis.ts'
import { defineScript } from '../../platform/script.ts'
import { generationKey, sessionKey } from '../principals/index.ts'
import { END_GRANT, ENSURE_APP, OPEN_GRANT, ROTATE_GRANT } from './scripts.ts'

const openScript = defineScript<'opened' | 'replayed' | 'gone'>(OPEN_GRANT)
const rotateScript = defineScript<'rotated' | 'replayed' | 'gone'>(ROTATE_GRANT)
const endScript = defineScript<number>(END_GRANT)
const ensureScript = defineScript<[string, string]>(ENSURE_APP)

/** What one authorization has given an application. Times are milliseconds since the epoch. */
export interface Grant {
  /** Null: the application acts for itself. */
  userId: number | null
  generation: string
  clientId: string
  /** The person's name for the application when they agreed. */
  app: string
  /** The session it ends with; null: it may outlive it (`offline_access`). */
  sessionId: string | null
  scopes: string[]
  /** Empty: everything here. */
  resources: string[]
  /** The person's role and tenure when they agreed. */
  madeAs: Role
  tenure: number
  /** The session on which they did, also where it may end before. */
  madeOn: string
  authenticatedAt: number
  hasSecondFactor: boolean
}

export const grantKey = (grantId: string) => `oauth-grant:${grantId}`
export const appsKey = (userId: number) => `oauth-apps:${userId}`
const usedKey = (grantId: string) => `oauth-used:${grantId}`

/** In the order that `readGrant` takes them in. */
export const GRANT_FIELDS = [
  'uid',
  'gen',
  'cid',
  'app',
  'sid',
  'scopes',
  'aud',
  'role',
  'tenure',
  'made',
  'auth',
  'mfa',
  'refresh',
] as const

export type StoredGrant = (string | null)[] | null

/** @returns null: there is no such grant any more */
export function readGrant(stored: StoredGrant): (Grant & { refreshHash: string | null }) | null {
  const [uid, gen, cid, app, sid, scopes, aud, role, tenure, made, auth, mfa, refresh] =
    stored ?? []
  if (!cid) return null
  return {
    userId: uid ? Number(uid) : null,
    generation: gen ?? '',
    clientId: cid,
    app: app ?? '',
    sessionId: sid || null,
    scopes: (scopes ?? '').split(' ').filter(Boolean),
    resources: (aud ?? '').split(' ').filter(Boolean),
    madeAs: (role ?? 'guest') as Role,
    tenure: Number(tenure ?? 0),
    madeOn: made ?? '',
    authenticatedAt: Number(auth ?? 0),
    hasSecondFactor: mfa === '1',
    refreshHash: refresh || null,
  }
}

interface Opening {
  grantId: string
  grant: Grant
  refreshHash: string | null
  requestId: string
  nowMs: number
  ttlMs: number
  /** How long the proof could be shown again. */
  usedMs: number
  /** As long as any session can last. */
  longestMs: number
}

/** Opens a grant for a proof that works once; the id of the grant comes from the proof. */
export function openGrant(redis: RedisClient, opening: Opening) {
  const { grantId, grant } = opening
  return openScript.run(
    redis,
    [usedKey(grantId), grantKey(grantId), ...lifeKeys(grant)],
    [
      opening.requestId,
      opening.nowMs,
      opening.ttlMs,
      opening.usedMs,
      opening.longestMs,
      grant.userId ?? '',
      grant.generation,
      grant.clientId,
      grant.app,
      grant.sessionId ?? '',
      ...['scopes', grant.scopes.join(' ')],
      ...['aud', grant.resources.join(' ')],
      ...['role', grant.madeAs],
      ...['tenure', grant.tenure],
      ...['made', grant.madeOn],
      ...['auth', grant.authenticatedAt],
      ...['mfa', grant.hasSecondFactor ? 1 : 0],
      ...['refresh', opening.refreshHash ?? ''],
    ],
  )
}

interface Rotation {
  grantId: string
  grant: Grant
  hash: string
  nextHash: string
  requestId: string
  nowMs: number
  ttlMs: number
  leewayMs: number
  longestMs: number
}

export function rotateGrant(redis: RedisClient, rotation: Rotation) {
  const { grantId, grant } = rotation
  return rotateScript.run(
    redis,
    [grantKey(grantId), ...lifeKeys(grant)],
    [
      grant.clientId,
      rotation.hash,
      rotation.nextHash,
      rotation.requestId,
      rotation.nowMs,
      rotation.ttlMs,
      rotation.leewayMs,
      rotation.longestMs,
    ],
  )
}

/** Ends a grant of a client. @returns false when the client has no such grant */
export async function endGrant(
  redis: RedisClient,
  grantId: string,
  clientId: string,
): Promise<boolean> {
  return (await endScript.run(redis, [grantKey(grantId)], [clientId])) === 1
}

/**
 * What a grant that is made now depends on: the person's name for the application and their generation
 * of sessions.
 */
export async function bindApp(
  redis: RedisClient,
  random: Random,
  userId: number,
  clientId: string,
  ttlMs: number,
): Promise<{ app: string; generation: string }> {
  const [app, generation] = await ensureScript.run(
    redis,
    [appsKey(userId), generationKey(userId)],
    [clientId, toBase64Url(random.bytes(9)), ttlMs],
  )
  return { app, generation }
}

/** Ends all that a person has given an application. */
export async function endApp(redis: RedisClient, userId: number, clientId: string): Promise<void> {
  await redis.hdel(appsKey(userId), clientId)
}

function lifeKeys({ userId, sessionId }: Grant): string[] {
  return [generationKey(userId ?? 0), appsKey(userId ?? 0), sessionKey(sessionId ?? '')]
}
