import type { Actor, Ctx } from '../../context.ts'
import {
  factsOf,
  loadPerson,
  personSnapshot,
  requireActive,
} from '../../credentials/principals/index.ts'
import { isSecondFactorRequired } from '../../credentials/totp/index.ts'
import { AppError } from '../../errors.ts'
import type { AccessClaims } from '../../ports/tokens.ts'
import {
  generationKey,
  RECORD_FIELDS,
  readRecord,
  type SessionRecord,
  sessionKey,
  updateSession,
} from './store.ts'

/** How far "last seen" may lag behind, so that not every request writes. */
const SEEN_LAG_MS = 60_000

type GateCtx = Pick<Ctx, 'config' | 'services' | 'clock' | 'waitUntil'>

/** @throws {AppError} `invalid_token`; costs no round trip */
export function verifyAccessToken(ctx: GateCtx, token: string): Promise<AccessClaims> {
  return ctx.services.tokens.verifyAccess(token, ctx.clock.now())
}

/**
 * Who stands behind an access token whose signature holds: the session, and the person as they are
 * now, in one Redis round trip.
 *
 * @throws {AppError} `invalid_token`, `account_disabled`
 */
export async function authenticateSession(ctx: GateCtx, claims: AccessClaims): Promise<Actor> {
  const { sessionId, userId, tokenId } = claims
  const [stored, generation, snapshot] = await ctx.services.redis
    .pipeline()
    .hmget(sessionKey(sessionId), ...RECORD_FIELDS)
    .get<string>(generationKey(userId))
    .get<string>(personSnapshot.key(userId))
    .exec<[(string | null)[] | null, string | null, string | null]>()
  const session = readRecord(sessionId, userId, generation, stored)
  if (!session || session.endsAt <= ctx.clock.now())
    throw new AppError('invalid_token', 'The session has ended. Sign in again.')

  const person = personSnapshot.parse(snapshot) ?? (await loadPerson(ctx, userId))
  if (!person) throw new AppError('invalid_token', 'Could not validate credentials.')
  // Ended in PostgreSQL, whatever Redis still says.
  if (session.tenure !== person.tenure)
    throw new AppError('invalid_token', 'The session has ended. Sign in again.')
  requireActive(person, ctx.clock.now())
  // The role, or what it takes, may be newer than the session.
  if (isSecondFactorRequired(ctx, person.role) && !session.hasSecondFactor)
    throw new AppError('invalid_token', 'Your role needs a second factor. Sign in again with it.')
  noteSeen(ctx, session)
  return {
    type: 'session',
    sessionId,
    tokenId,
    authenticatedAt: session.authenticatedAt,
    hasSecondFactor: session.hasSecondFactor,
    ...factsOf(person),
  }
}

/** After the answer, and not at every request. */
function noteSeen(ctx: GateCtx, { sessionId, lastSeenAt }: SessionRecord): void {
  const now = ctx.clock.now()
  if (now - lastSeenAt < SEEN_LAG_MS) return
  ctx.waitUntil(updateSession(ctx.services.redis, sessionId, { seen: now }).catch(() => undefined))
}
