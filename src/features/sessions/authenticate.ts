import type { Actor, Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { loadPerson, personSnapshot, requireActive } from '../principals/index.ts'
import { sessionKey } from './store.ts'

/**
 * Who stands behind an access token: the signature is checked here, the session and the person in
 * one Redis round trip.
 *
 * @throws {AppError} `invalid_token`, `account_disabled`
 */
export async function authenticateSession(
  ctx: Pick<Ctx, 'services' | 'clock' | 'waitUntil'>,
  token: string,
): Promise<Actor> {
  const { redis, tokens } = ctx.services
  const claims = await tokens.verifyAccess(token, ctx.clock.now())
  const [owner, stored] = await redis
    .pipeline()
    .hget<string>(sessionKey(claims.sessionId), 'uid')
    .get<string>(personSnapshot.key(claims.userId))
    .exec()
  if (owner !== String(claims.userId))
    throw new AppError('invalid_token', 'The session has ended. Sign in again.')

  const person = personSnapshot.parse(stored) ?? (await loadPerson(ctx, claims.userId))
  if (!person) throw new AppError('invalid_token', 'Could not validate credentials.')
  const { isActive: _, ...facts } = requireActive(person)
  return { type: 'session', sessionId: claims.sessionId, tokenId: claims.tokenId, ...facts }
}
