import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { withoutStoreTime } from '../../platform/store-time.ts'
import type { TokenPair } from '../../ports/tokens.ts'
import { toUser, type UserRow } from '../accounts/index.ts'
import { newGeneration } from './end-sessions.ts'
import { recordLogin } from './queries.ts'
import type { LoginAnswer } from './schemas.ts'
import { deleteSession, openSession, userSessionsKey } from './store.ts'

const SESSION_ID_BYTES = 18
/** More devices than a person has; keeps the list and the records of one person bounded. */
const MAX_SESSIONS = 100

/** The answer of every way to sign in; `deliverTokens` puts its refresh token where it belongs. */
export type SignedIn = z.input<typeof LoginAnswer> & TokenPair & { session_id: string }

export interface StartOptions {
  /**
   * The generation that `currentGeneration` gave before the person was checked: if all sessions are
   * ended in between, no session comes of it.
   */
  generation?: string | undefined
  /** Whether a second factor was among the proofs. */
  hasSecondFactor?: boolean
}

/**
 * Opens a session for somebody who has proven who they are, and gives them their tokens. The person
 * is looked at once more in the statement that notes the login: of a password that was changed, or an
 * account that was disabled, since `user` was read comes no session. A login is noted only once there
 * is a session, since one that fails on the way is none.
 *
 * @throws {AppError} `invalid_credentials` when the person has changed meanwhile
 */
export async function startSession(
  ctx: Ctx,
  user: UserRow,
  options: StartOptions = {},
): Promise<SignedIn> {
  const { config, random, services } = ctx
  const nowMs = ctx.clock.now()
  const sessionId = toBase64Url(random.bytes(SESSION_ID_BYTES))
  const refreshTokenId = random.uuid()
  const endsAt = nowMs + config.sessionMaxSeconds * 1000

  const [pair, count] = await Promise.all([
    services.tokens.signPair(
      { user, sessionId, accessTokenId: random.uuid(), refreshTokenId, endsAt },
      nowMs,
    ),
    openSession(services.redis, {
      sessionId,
      userId: user.id,
      refreshTokenId,
      ip: ctx.clientIp,
      userAgent: ctx.userAgent,
      nowMs,
      ttlMs: sessionTtlMs(config, nowMs, endsAt),
      endsAt,
      hasSecondFactor: options.hasSecondFactor ?? false,
      tenure: user.tenure,
      generation: options.generation,
      freshGeneration: newGeneration(ctx),
      generationTtlMs: config.sessionMaxSeconds * 1000,
    }),
  ])
  if (count < 0) throw new AppError('invalid_credentials', 'Wrong username or password.')
  await noteLogin(ctx, user, sessionId)
  if (count > MAX_SESSIONS) ctx.waitUntil(endOldest(ctx, user.id, count - MAX_SESSIONS))

  return {
    ...pair,
    token_type: 'bearer',
    user: { ...toUser(user), last_login_at: new Date(nowMs).toISOString() },
    role: user.role,
    username: user.username,
    user_id: user.id,
    // Not part of any answer.
    session_id: sessionId,
  }
}

/** Nobody has the tokens yet: a login that cannot be noted leaves no session. */
async function noteLogin(ctx: Ctx, user: UserRow, sessionId: string): Promise<void> {
  let isNoted = false
  try {
    isNoted = await recordLogin(ctx, user)
  } finally {
    if (!isNoted) endSoon(ctx, user.id, sessionId)
  }
  if (!isNoted) throw new AppError('invalid_credentials', 'Wrong username or password.')
}

/** However long the request has waited for its stores already. */
function endSoon(ctx: Ctx, userId: number, sessionId: string): void {
  const ending = withoutStoreTime(() => deleteSession(ctx.services.redis, userId, sessionId))
  ctx.waitUntil(ending.catch(() => undefined))
}

/** How long a session lives without a refresh: as long as its longest token, and never past its end. */
export function sessionTtlMs(config: Ctx['config'], nowMs: number, endsAt: number): number {
  const longest = Math.max(config.refreshTokenTtlSeconds, config.accessTokenTtlSeconds)
  return Math.min(longest * 1000, endsAt - nowMs)
}

async function endOldest(ctx: Ctx, userId: number, count: number): Promise<void> {
  const { redis } = ctx.services
  const oldest = await redis.zrange<string[]>(userSessionsKey(userId), 0, count - 1)
  for (const sessionId of oldest) await deleteSession(redis, userId, sessionId)
}
