import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { verifyPassword } from '../../platform/crypto/password.ts'
import { findUserByName, foldName, recordLogin, toUser, type UserRow } from '../accounts/index.ts'
import type { LoginAnswer, LoginInput } from './schemas.ts'
import { openSession } from './store.ts'

const SESSION_ID_BYTES = 18

/**
 * Signs a person in by name and password. An unknown name costs the same work as a wrong password
 * and gets the same answer.
 *
 * @throws {AppError} `invalid_credentials`, `account_disabled`
 */
export async function login(
  ctx: Ctx,
  input: z.output<typeof LoginInput>,
): Promise<z.input<typeof LoginAnswer>> {
  const user = await findUserByName(ctx.services.db, foldName(input.email ?? input.username ?? ''))
  const isRight = await verifyPassword(input.password, user?.passwordHash ?? null)
  if (!user || !isRight) throw new AppError('invalid_credentials', 'Wrong username or password.')
  if (!user.isActive)
    throw new AppError('account_disabled', 'This account is disabled. Ask an administrator.')
  return startSession(ctx, user)
}

/** Opens a session for somebody who has proven who they are, and gives them their tokens. */
export async function startSession(ctx: Ctx, user: UserRow): Promise<z.input<typeof LoginAnswer>> {
  const { config, random, services } = ctx
  const nowMs = ctx.clock.now()
  const sessionId = toBase64Url(random.bytes(SESSION_ID_BYTES))
  const refreshTokenId = random.uuid()
  const ttlSeconds = Math.min(config.refreshTokenTtlSeconds, config.sessionMaxSeconds)

  const [accessToken, refreshToken] = await Promise.all([
    services.tokens.signAccess(
      {
        userId: user.id,
        username: user.username,
        role: user.role,
        sessionId,
        tokenId: random.uuid(),
      },
      nowMs,
    ),
    services.tokens.signRefresh(
      { userId: user.id, sessionId, tokenId: refreshTokenId },
      nowMs,
      ttlSeconds,
    ),
    openSession(services.redis, {
      sessionId,
      userId: user.id,
      refreshTokenId,
      ip: ctx.clientIp,
      userAgent: ctx.userAgent,
      nowMs,
      ttlSeconds,
    }),
    recordLogin(services.db, user.id, new Date(nowMs)),
  ])

  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    token_type: 'bearer',
    expires_in: config.accessTokenTtlSeconds,
    user: { ...toUser(user), last_login_at: new Date(nowMs).toISOString() },
    role: user.role,
    username: user.username,
    user_id: user.id,
  }
}
