import type { Context } from 'hono'
import type { AppEnv } from '../app-env.ts'
import type { Actor, Ctx } from '../context.ts'
import {
  authenticateApplication,
  isApplicationToken,
  recallApplication,
} from '../credentials/oauth/index.ts'
import {
  authenticateKey,
  type ReadBeside,
  recallKey,
  recallOwner,
} from '../credentials/principals/index.ts'
import { AppError } from '../errors.ts'
import { authenticateSession, verifyAccessToken } from '../identity/sessions/index.ts'
import { pathShownAt } from '../platform/http/inner-call.ts'
import { ownAddress } from '../platform/http/own-address.ts'
import type { RateVerdict } from '../platform/rate-limit.ts'
import { type Caller, callerOf, haveSameLimits, refundLimits, takeLimits } from './limits.ts'

/** How the call of somebody who has been identified stands with their limits. */
export interface Counted {
  /** Still on their way where a round trip of their own is needed. */
  verdicts: RateVerdict[] | Promise<RateVerdict[]>
  /** Gives the call back. */
  uncount(): void
}

const UNCOUNTED: Counted = { verdicts: [], uncount: () => undefined }

export interface How {
  /** Read with a key that only PostgreSQL knows. */
  beside?: ReadBeside | undefined
  /** Calls with an access token are not counted; those with a key are, always. */
  isUncounted: boolean
  /** A credential that a store cannot say anything of is passed over. */
  isWithoutStores: boolean
}

/**
 * Puts the actor behind the request's credential into the context and counts the call against the
 * limits of their role, their trust level and their key.
 *
 * @throws {AppError} `not_authenticated`, `invalid_token`, `invalid_api_key`, `account_disabled`
 */
export function identify(
  c: Context<AppEnv>,
  { beside, isUncounted }: How,
): Counted | Promise<Counted> {
  const ctx = c.get('ctx')
  const credential = readCredential(c)
  if (!credential)
    throw new AppError('not_authenticated', 'Send your credential as "Authorization: Bearer …".')
  // Every key begins like this, ours and those that people confuse with ours.
  if (!credential.startsWith('sk-')) {
    return isApplicationToken(credential)
      ? identifyApplication(c, credential, beside !== undefined)
      : identifySession(ctx, credential, isUncounted)
  }
  // What the gateway may trust for some seconds, nobody else need: their calls ask Redis anyway.
  const actor = beside ? recallKey(ctx, credential) : null
  if (!actor) return identifyKey(ctx, credential, beside)
  ctx.actor = actor
  return count(ctx, callerOf(actor))
}

/** Only a credential that does not hold is passed over; a store that is down says so, where that matters. */
export async function identifyIfPossible(c: Context<AppEnv>, how: How): Promise<Counted> {
  try {
    return await identify(c, how)
  } catch (error) {
    if (error instanceof AppError && error.status === 401) return UNCOUNTED
    if (how.isWithoutStores && (!(error instanceof AppError) || error.status >= 500)) {
      return UNCOUNTED
    }
    throw error
  }
}

async function identifySession(ctx: Ctx, token: string, isUncounted: boolean): Promise<Counted> {
  // The signature holds from here on: the token was this person's, whatever has become of it.
  const claims = await verifyAccessToken(ctx, token)
  if (isUncounted) {
    ctx.actor = await authenticateSession(ctx, claims)
    return UNCOUNTED
  }
  const { userId, role, trustLevel } = claims
  const expected = { userId, role, trustLevel, key: null }
  return together(ctx, expected, 'take', () => authenticateSession(ctx, claims))
}

/**
 * An application on behalf of a person, counted against the person's limits. Where calls must not wait, what
 * this isolate has read some seconds ago is enough.
 */
async function identifyApplication(
  c: Context<AppEnv>,
  token: string,
  mayRecall: boolean,
): Promise<Counted> {
  const ctx = c.get('ctx')
  const base = ownAddress(ctx.config, c.req.url)
  const path = pathShownAt(c.req.raw, c.req.path)
  const known = mayRecall ? recallApplication(ctx, token, base, path) : null
  const actor = known ?? (await authenticateApplication(ctx, token, base, path))
  ctx.actor = actor
  return count(ctx, callerOf(actor), mayRecall ? 'takeSliced' : 'take')
}

/**
 * A key that this isolate has not seen is identified first and counted afterwards, so that nobody
 * uses up the limit of a person whose key they made up.
 */
async function identifyKey(ctx: Ctx, key: string, beside?: ReadBeside): Promise<Counted> {
  const owner = recallOwner(key)
  if (owner) {
    const authenticate = () => authenticateKey(ctx, key, beside)
    return together(ctx, callerOf(owner), 'takeSliced', authenticate)
  }
  const actor = await authenticateKey(ctx, key, beside)
  ctx.actor = actor
  return count(ctx, callerOf(actor))
}

/**
 * Asks who it is and counts the call in one round trip.
 *
 * @param expected whom the credential belonged to when it was last looked at
 */
async function together(
  ctx: Ctx,
  expected: Caller,
  how: 'take' | 'takeSliced',
  authenticate: () => Promise<Actor>,
): Promise<Counted> {
  const [actor, verdicts] = await Promise.allSettled([
    authenticate(),
    takeLimits(ctx, expected, how),
  ])
  if (actor.status === 'rejected') {
    // A credential that is dead must not be good for using up the limit of whoever lost it.
    if (verdicts.status === 'fulfilled') refundLimits(ctx, expected, verdicts.value)
    throw actor.reason
  }
  ctx.actor = actor.value
  if (verdicts.status === 'rejected') throw verdicts.reason
  if (!('userId' in ctx.actor)) throw new AppError('not_authenticated')
  const caller = callerOf(ctx.actor)
  if (haveSameLimits(ctx, expected, caller)) return counted(ctx, caller, verdicts.value)
  // The role, the level or the key has changed since it was last looked at.
  refundLimits(ctx, expected, verdicts.value)
  return count(ctx, caller, how)
}

function count(ctx: Ctx, caller: Caller, how: 'take' | 'takeSliced' = 'takeSliced'): Counted {
  return counted(ctx, caller, takeLimits(ctx, caller, how))
}

function counted(ctx: Ctx, caller: Caller, verdicts: Counted['verdicts']): Counted {
  return {
    verdicts,
    uncount() {
      if (!(verdicts instanceof Promise)) return refundLimits(ctx, caller, verdicts)
      ctx.waitUntil(
        verdicts.then((known) => refundLimits(ctx, caller, known)).catch(() => undefined),
      )
    },
  }
}

/**
 * RFC 6750 §2.1; the scheme's name is case-insensitive (RFC 9110 §11.1). Whatever is not of that form
 * is no credential.
 */
function readCredential(c: Context<AppEnv>): string | undefined {
  const bearer = /^bearer +([\w.~+/=-]+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (bearer) return bearer
  const bare = c.req.header('x-api-key') ?? c.req.header('x-goog-api-key')
  return bare?.trim() || undefined
}
