import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { loadPerson, personSnapshot, requireActive } from '../../credentials/principals/index.ts'
import { beginSecondStep, isSecondFactorRequired } from '../../credentials/totp/index.ts'
import { AppError } from '../../errors.ts'
import { clientOf } from '../../platform/address.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'
import type { RefreshClaims, TokenPair } from '../../ports/tokens.ts'
import { type SecondStep, toSecondStep } from './complete-login.ts'
import { reportReplay } from './report-replay.ts'
import type { RefreshAnswer } from './schemas.ts'
import { sessionTtlMs } from './start-session.ts'
import {
  generationKey,
  judgeSpent,
  RECORD_FIELDS,
  readRecord,
  rotateSession,
  sessionKey,
} from './store.ts'

export type Refreshed = z.input<typeof RefreshAnswer> & TokenPair

/**
 * Exchanges a refresh token for a new pair. A token works once: whoever presents one that was used
 * before ends the session, since either they or the first user stole it (RFC 9700 §4.14.2). Within
 * `REFRESH_REUSE_LEEWAY_SECONDS` the same client is given the same pair again instead: it may have lost
 * the answer, or refreshed in two tabs, or for two calls, at once.
 *
 * Where the person's role needs a second factor that this session has not seen, it is asked for
 * instead, as at a sign-in, and the token stays as it is. Whoever has none yet signs in again: a
 * refresh token is too little to add one by.
 *
 * @throws {AppError} `invalid_token`, `account_disabled`
 */
export async function refresh(ctx: Ctx, token: string): Promise<Refreshed | SecondStep> {
  const { config, services } = ctx
  const nowMs = ctx.clock.now()
  const claims = await services.tokens.verifyRefresh(token, nowMs)
  const leewayMs = config.REFRESH_REUSE_LEEWAY_SECONDS * 1000
  const place = placeOf(ctx)
  const found = await findSession(ctx, claims)
  // Before anybody asks whose it is: a theft has to be noticed also while nobody can say.
  const spent = found.isCurrent
    ? null
    : await judgeSpent(services.redis, { ...claims, nowMs, leewayMs, place })
  if (spent && (spent.type === 'replayed' || spent.type === 'gone')) throw lost(ctx, claims, spent)
  const { user, owesSecondFactor, generation } = await findOwner(ctx, claims, found)
  if (spent?.type === 'again') return answer(await openPair(ctx, claims, spent.sealedPair))
  if (owesSecondFactor) {
    const replacesSessionId = claims.sessionId
    const second = await beginSecondStep(ctx, user, { generation, replacesSessionId })
    if (second?.step !== 'verify') throw ended()
    return toSecondStep(second)
  }

  const nextTokenId = ctx.random.uuid()
  const pair = await services.tokens.signPair(
    {
      user,
      sessionId: claims.sessionId,
      accessTokenId: ctx.random.uuid(),
      refreshTokenId: nextTokenId,
      endsAt: claims.endsAt,
    },
    nowMs,
  )
  const result = await rotateSession(services.redis, {
    sessionId: claims.sessionId,
    userId: claims.userId,
    tokenId: claims.tokenId,
    nextTokenId,
    nowMs,
    ttlMs: sessionTtlMs(config, nowMs, claims.endsAt),
    generationTtlMs: config.sessionMaxSeconds * 1000,
    leewayMs,
    sealedPair: leewayMs > 0 ? await sealPair(ctx, claims, pair) : '',
    place,
    ip: ctx.clientIp,
    userAgent: ctx.userAgent,
  })
  switch (result.type) {
    case 'rotated':
      return answer(pair)
    case 'again':
      return answer(await openPair(ctx, claims, result.sealedPair))
    default:
      throw lost(ctx, claims, result)
  }
}

/** A client and its network, as far as anybody can tell. */
function placeOf({ clientIp, userAgent }: Ctx): string {
  return sha256Hex(`${clientIp === null ? '' : clientOf(clientIp)} ${userAgent ?? ''}`)
}

/** What to say of a token that is worth nothing any more; its owner hears of a replay. */
function lost(ctx: Ctx, { userId }: RefreshClaims, { type }: { type: 'gone' | 'replayed' }) {
  if (type === 'gone') return ended()
  reportReplay(ctx, userId)
  return new AppError(
    'invalid_token',
    'This refresh token was used before. The session has been ended; sign in again.',
  )
}

/** The session of the token, and what Redis knows of its owner. */
async function findSession(ctx: Ctx, { sessionId, userId, tokenId }: RefreshClaims) {
  const [stored, generation, snapshot] = await ctx.services.redis
    .pipeline()
    .hmget(sessionKey(sessionId), ...RECORD_FIELDS, 'refresh')
    .get<string>(generationKey(userId))
    .get<string>(personSnapshot.key(userId))
    .exec<[(string | null)[] | null, string | null, string | null]>()
  const session = readRecord(sessionId, userId, generation, stored)
  if (!session || session.endsAt <= ctx.clock.now()) throw ended()
  return {
    session,
    generation,
    snapshot,
    isCurrent: stored?.[RECORD_FIELDS.length] === tokenId,
  }
}

/** The person as they are now: the names and the role in the new token are not those of the old one. */
async function findOwner(
  ctx: Ctx,
  { userId }: RefreshClaims,
  { session, generation, snapshot }: Awaited<ReturnType<typeof findSession>>,
) {
  const person = personSnapshot.parse(snapshot) ?? (await loadPerson(ctx, userId))
  if (!person || session.tenure !== person.tenure) throw ended()
  requireActive(person, ctx.clock.now())
  const { username, role, trustLevel, tenure } = person
  return {
    user: { id: userId, username, role, trustLevel, tenure },
    generation: generation ?? undefined,
    owesSecondFactor: isSecondFactorRequired(ctx, role) && !session.hasSecondFactor,
  }
}

/** The pair that may have to be given again is as secret as a password: it lies in Redis sealed. */
function sealPair(ctx: Ctx, claims: RefreshClaims, pair: TokenPair): Promise<string> {
  return ctx.services.secretBox.seal(JSON.stringify(pair), pairOwner(claims))
}

async function openPair(ctx: Ctx, claims: RefreshClaims, sealed: string): Promise<TokenPair> {
  return JSON.parse(await ctx.services.secretBox.open(sealed, pairOwner(claims))) as TokenPair
}

const pairOwner = ({ sessionId, tokenId }: RefreshClaims) => `refresh-pair:${sessionId}:${tokenId}`

function answer(pair: TokenPair): Refreshed {
  return { ...pair, token_type: 'bearer', message: 'Token refreshed successfully.' }
}

function ended(): AppError {
  return new AppError('invalid_token', 'The session has ended. Sign in again.')
}
