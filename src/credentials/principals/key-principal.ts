import type { Actor, Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { EPOCH_KEY } from '../../platform/epoch.ts'
import { createSnapshot } from '../../platform/snapshot.ts'
import { hashKey, isForeignKey, ownerOf } from './key-format.ts'
import { factsOf, personSnapshot, requireActive } from './person.ts'
import { findPrincipalByHash, type ReadBeside } from './queries.ts'
import { type KeyPrincipal, KeyRecord } from './schemas.ts'

const SNAPSHOT_SECONDS = 3_600
const MAX_CACHED = 10_000

const keySnapshot = createSnapshot('principal', KeyRecord, SNAPSHOT_SECONDS)

type KeyActor = Actor & { type: 'api_key' }

interface CachedPrincipal extends KeyPrincipal {
  actor: KeyActor
  freshUntil: number
}

/** This isolate's own copies, by key hash. */
const cache = new Map<string, CachedPrincipal>()

/** Hashes of keys that were found: hashing costs more than all else that is done for a known key. */
const hashes = new Map<string, string>()

type GateCtx = Pick<Ctx, 'config' | 'services' | 'clock' | 'waitUntil'>

/**
 * Who stands behind an API key: one Redis round trip asks what key and person are now. PostgreSQL is
 * asked only when Redis does not know.
 *
 * @param beside read with it, should PostgreSQL be asked
 * @throws {AppError} `invalid_api_key`, `account_disabled`
 */
export async function authenticateKey(
  ctx: GateCtx,
  key: string,
  beside?: ReadBeside,
): Promise<KeyActor> {
  // Checked before any look-up: a typo, or somebody else's key, costs nothing.
  const userId = ownerOf(key)
  if (userId === null && !(ctx.config.IMPORTED_API_KEYS && isForeignKey(key))) throw invalidKey()
  const hash = hashKey(key)
  const principal = await readPrincipal(ctx, hash, userId, beside)
  if (hashes.size >= MAX_CACHED) hashes.clear()
  hashes.set(key, hash)
  return requireUsable(ctx, principal)
}

/**
 * The same from what this isolate has read within `PRINCIPAL_CACHE_SECONDS`, without asking anybody;
 * null where somebody has to be asked. For calls that must not wait; others ask.
 *
 * @throws {AppError} `invalid_api_key`, `account_disabled`
 */
export function recallKey(ctx: Pick<Ctx, 'clock'>, key: string): KeyActor | null {
  const cached = recall(key)
  return cached && cached.freshUntil > ctx.clock.now() ? requireUsable(ctx, cached) : null
}

/**
 * Whose key this was when this isolate last looked, without asking anybody. Only keys that were found
 * are remembered, so that a made-up one is never anybody's.
 */
export function recallOwner(key: string): KeyActor | null {
  return recall(key)?.actor ?? null
}

/** Leaves a copy of a key that has just been made, so that its first use need not ask PostgreSQL. */
export async function rememberKey(
  ctx: Pick<Ctx, 'services'>,
  keyHash: string,
  record: KeyRecord,
): Promise<void> {
  // Without the copy the first use takes a little longer: no reason to lose a key that exists.
  await keySnapshot.fill(ctx.services.redis, keyHash, record).catch(() => undefined)
}

/**
 * Must be called before a key is changed or revoked in PostgreSQL, so that no gate keeps an old copy; call
 * `forgetKeyHere` after, for what this isolate read in between.
 */
export async function forgetKey(ctx: Pick<Ctx, 'services'>, keyHash: string): Promise<void> {
  await keySnapshot.invalidate(ctx.services.redis, keyHash)
  forgetKeyHere(keyHash)
}

/** Drops this isolate's copy of one key. */
export function forgetKeyHere(keyHash: string): void {
  cache.delete(keyHash)
}

/**
 * Must be called before anything about a person is changed in PostgreSQL (role, status, plug-in
 * key), so that all their credentials see the change; call `forgetPersonHere` after.
 */
export async function forgetPerson(ctx: Pick<Ctx, 'services'>, userId: number): Promise<void> {
  await personSnapshot.invalidate(ctx.services.redis, userId)
  forgetPersonHere(userId)
}

/** Drops this isolate's copies of a person. */
export function forgetPersonHere(userId: number): void {
  for (const [hash, { record }] of cache) if (record.userId === userId) cache.delete(hash)
}

function recall(key: string): CachedPrincipal | null {
  const hash = hashes.get(key)
  return hash === undefined ? null : (cache.get(hash) ?? null)
}

function requireUsable(
  { clock }: Pick<Ctx, 'clock'>,
  { record, person, actor }: CachedPrincipal,
): KeyActor {
  if (record.tenure !== person.keyTenure) throw invalidKey()
  if (!record.isActive) throw invalidKey('The API key is switched off.')
  if (record.expiresAt !== null && record.expiresAt <= clock.now())
    throw invalidKey('The API key has expired.')
  requireActive(person, clock.now())
  return actor
}

async function readPrincipal(
  ctx: GateCtx,
  hash: string,
  named: number | null,
  beside?: ReadBeside,
): Promise<CachedPrincipal> {
  const { db, redis, leases } = ctx.services
  const [storedKey, epoch, storedOwner] = await redis.mget<(string | null)[]>(
    keySnapshot.key(hash),
    EPOCH_KEY,
    ...(named === null ? [] : [personSnapshot.key(named)]),
  )
  // For what is read from PostgreSQL beside the key.
  leases.epoch = epoch ?? ''
  const record = keySnapshot.parse(storedKey)
  const userId = named ?? record?.userId ?? null
  // A key that does not name its owner takes a second look.
  const isSecondLook = named === null && userId !== null
  const storedPerson = isSecondLook
    ? (await redis.mget<(string | null)[]>(personSnapshot.key(userId)))[0]
    : storedOwner
  const person = personSnapshot.parse(storedPerson)
  const copy = record && person && { record, person }
  const principal =
    copy || (await findPrincipalByHash(db, hash, named ?? 0, named === null ? undefined : beside))
  if (principal && !copy) ctx.waitUntil(fill(ctx, hash, principal))
  // Where the key names its owner, a record of somebody else's would be a mix-up of ours.
  if (!principal || principal.record.userId !== (named ?? principal.record.userId)) {
    cache.delete(hash)
    throw invalidKey()
  }

  if (cache.size >= MAX_CACHED) cache.clear()
  const freshUntil = ctx.clock.now() + ctx.config.PRINCIPAL_CACHE_SECONDS * 1000
  const cached = { ...principal, actor: actorOf(principal), freshUntil }
  cache.set(hash, cached)
  return cached
}

function actorOf({ record, person }: KeyPrincipal): KeyActor {
  const { apiKeyId, configType, scopes, madeAs, limits } = record
  return { type: 'api_key', apiKeyId, configType, scopes, madeAs, limits, ...factsOf(person) }
}

async function fill(ctx: GateCtx, hash: string, { record, person }: KeyPrincipal): Promise<void> {
  const { redis } = ctx.services
  await Promise.all([
    keySnapshot.fill(redis, hash, record),
    personSnapshot.fill(redis, record.userId, person),
  ])
}

function invalidKey(detail = 'Incorrect API key provided.'): AppError {
  return new AppError('invalid_api_key', detail)
}
