import type { Actor, Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { type ApplicationScope, isApplicationScope } from '../../scopes.ts'
import {
  factsOf,
  generationKey,
  loadPerson,
  personSnapshot,
  requireActive,
  sessionKey,
} from '../principals/index.ts'
import { isSecondFactorRequired } from '../totp/index.ts'
import { clientSnapshot, isDocumentId, loadClient } from './client.ts'
import {
  appsKey,
  GRANT_FIELDS,
  type Grant,
  grantKey,
  readGrant,
  type StoredGrant,
} from './store.ts'
import { type ApplicationClaims, verifyApplicationToken } from './tokens.ts'

export type ApplicationActor = Extract<Actor, { type: 'oauth' }>

type GateCtx = Pick<Ctx, 'config' | 'services' | 'clock' | 'waitUntil'>

interface Cached {
  actor: ApplicationActor
  audience: readonly string[]
  /** Both in milliseconds since the epoch. */
  expiresAt: number
  freshUntil: number
}

const MAX_CACHED = 5_000
/** This isolate's own copies, by token. */
const cache = new Map<string, Cached>()

/**
 * Who stands behind an application's access token, and whether it still holds: one Redis round trip.
 *
 * @param base our own address
 * @param path what is asked for
 * @throws {AppError} `invalid_token`, `account_disabled`; `forbidden` where nobody stands behind it
 */
export async function authenticateApplication(
  ctx: GateCtx,
  token: string,
  base: string,
  path: string,
): Promise<ApplicationActor> {
  const claims = await verifyApplicationToken(ctx, token, base)
  requireMeantFor(claims.audience, base, path)
  const alive = await readAlive(ctx, claims)
  if (!alive) throw ended()
  if (!alive.person)
    throw new AppError('forbidden', 'This token stands for an application, and for no person.')
  const { grant, person } = alive
  requireActive(person, ctx.clock.now())
  if (isSecondFactorRequired(ctx, person.role) && !grant.hasSecondFactor) throw ended()
  const actor: ApplicationActor = {
    type: 'oauth',
    clientId: claims.clientId,
    grantId: claims.grantId,
    scopes: scopesOf(claims, grant),
    madeAs: grant.madeAs,
    ...factsOf(person),
  }
  remember(ctx, token, actor, claims)
  return actor
}

/**
 * The same from what this isolate has read within `PRINCIPAL_CACHE_SECONDS`, without asking anybody; null
 * where somebody has to be asked.
 *
 * @throws {AppError} `invalid_token`
 */
export function recallApplication(
  ctx: Pick<Ctx, 'clock'>,
  token: string,
  base: string,
  path: string,
): ApplicationActor | null {
  const cached = cache.get(token)
  const now = ctx.clock.now()
  if (!cached || cached.freshUntil <= now || cached.expiresAt <= now) return null
  requireMeantFor(cached.audience, base, path)
  return cached.actor
}

/** Drops what this isolate knows of a grant. */
export function forgetGrantsHere(isEnded: (actor: ApplicationActor) => boolean): void {
  for (const [token, { actor }] of cache) if (isEnded(actor)) cache.delete(token)
}

/**
 * What stands behind a token whose signature holds.
 *
 * @returns null: it has been ended, with its session, its person or its client
 */
export async function readAlive(
  ctx: GateCtx,
  claims: Pick<ApplicationClaims, 'grantId' | 'userId' | 'clientId' | 'sessionId'>,
) {
  const { grantId, userId, clientId, sessionId } = claims
  const [stored, copy, generation, snapshot, app, session] = await ctx.services.redis
    .pipeline()
    .hmget(grantKey(grantId), ...GRANT_FIELDS)
    .get<string>(clientSnapshot.key(clientId))
    .get<string>(generationKey(userId ?? 0))
    .get<string>(personSnapshot.key(userId ?? 0))
    .hget<string>(appsKey(userId ?? 0), clientId)
    .hmget(sessionKey(sessionId ?? ''), 'uid', 'gen')
    .exec<
      [
        StoredGrant,
        string | null,
        string | null,
        string | null,
        string | null,
        (string | null)[] | null,
      ]
    >()
  const grant = readGrant(stored)
  if (!grant || grant.clientId !== clientId || grant.userId !== userId) return null
  if (!isDocumentId(clientId)) {
    const client = clientSnapshot.parse(copy) ?? (await loadClient(ctx, clientId))
    if (!client?.isActive) return null
  }
  if (userId === null) return { grant, person: null }
  if (grant.generation !== generation || grant.app !== app) return null
  if (grant.sessionId !== null) {
    const isThere = session?.[0] === String(userId) && session[1] === generation
    if (!isThere || grant.sessionId !== sessionId) return null
  }
  const person = personSnapshot.parse(snapshot) ?? (await loadPerson(ctx, userId))
  if (person?.tenure !== grant.tenure) return null
  return { grant, person }
}

/** A token reaches what its audience names (RFC 9068 §4, RFC 8707): all of this server, or a part of it. */
function requireMeantFor(audience: readonly string[], base: string, path: string): void {
  // What we say of a person is for every token that we gave.
  if (path.startsWith('/oauth/')) return
  const isMeant = audience.some((resource) => {
    const root = resource.replace(/\/$/, '')
    if (root === base) return true
    const address = base + path
    return address === root || address.startsWith(`${root}/`)
  })
  if (!isMeant) throw new AppError('invalid_token', 'This token is meant for something else.')
}

function scopesOf({ scopes }: ApplicationClaims, grant: Grant): ApplicationScope[] {
  return scopes.filter((scope) => grant.scopes.includes(scope)).filter(isApplicationScope)
}

function remember(
  ctx: GateCtx,
  token: string,
  actor: ApplicationActor,
  { audience, expiresAt }: ApplicationClaims,
): void {
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(token, {
    actor,
    audience,
    expiresAt: expiresAt * 1000,
    freshUntil: ctx.clock.now() + ctx.config.PRINCIPAL_CACHE_SECONDS * 1000,
  })
}

function ended(): AppError {
  return new AppError('invalid_token', 'The authorization has ended.')
}
