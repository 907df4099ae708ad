import type { Config } from '../../config.ts'
import type { Database } from '../../db/client.ts'
import type { JwtAlgorithm } from '../../db/schema/signing-keys.ts'
import { type SecretBox, SecretBoxError } from '../../platform/crypto/secret-box.ts'
import type { Random } from '../../platform/random.ts'
import type { KeyRing, RingKey } from '../../ports/key-ring.ts'
import { isOurKid, ringIdOf } from './kid.ts'
import { accessPart, readMaterial, refreshPart } from './material.ts'
import { newKey, signingKeyOwner } from './new-key.ts'
import { insertFirstKey, listSigningKeys, replaceKey, type SigningKeyRow } from './queries.ts'

/** An isolate signs with a key that it has confirmed within this time. */
const FRESH_MS = 60_000
/** While PostgreSQL is down, it goes on with the ring that it has for this long. */
export const STALE_MS = 3_600_000
/** How long an id of our making that the ring does not hold is not asked for again. */
const MISSING_MS = 5_000
const MAX_MISSING = 1_000

interface KeyRingServices {
  config: Config
  db: Database
  secretBox: SecretBox
  random: Random
}

interface LoadedRing {
  keys: Map<string, RingKey & { verifiesUntil: number | null }>
  signers: Map<JwtAlgorithm, RingKey>
  /** Keys that should sign but do not open. */
  unreadable: Map<JwtAlgorithm, string>
  loadedAt: number
}

export function createKeyRing({ config, db, secretBox, random }: KeyRingServices): KeyRing {
  let ring: LoadedRing | undefined
  /** Counts the times that the ring was forgotten: what was read before must not be kept after. */
  let generation = 0
  const ringId = ringIdOf(config.JWT_SECRET_KEY)
  const missing = new Map<string, number>()

  const open = async (row: SigningKeyRow) => {
    const known = ring?.keys.get(row.id)
    const verifiesUntil = row.verifiesUntil?.getTime() ?? null
    if (known) return { ...known, verifiesUntil }
    const material = readMaterial(
      await secretBox.open(row.secretCiphertext, signingKeyOwner(row.id)),
    )
    const [access, refresh] = await Promise.all([
      accessPart(config, row.algorithm, material, row.publicJwk),
      refreshPart(config, material),
    ])
    return { kid: row.id, algorithm: row.algorithm, access, refresh, verifiesUntil }
  }

  const load = async (nowMs: number): Promise<LoadedRing> => {
    const asked = generation
    const rows = await listSigningKeys(db, ringId, new Date(nowMs))
    const keys: LoadedRing['keys'] = new Map()
    const signers: LoadedRing['signers'] = new Map()
    const unreadable: LoadedRing['unreadable'] = new Map()
    for (const row of rows) {
      const signs = row.retiredAt === null
      try {
        const key = await open(row)
        keys.set(row.id, key)
        if (signs) signers.set(row.algorithm, key)
      } catch (error) {
        // The encryption key is gone, and with it what this key has signed; another one takes its place.
        if (!(error instanceof SecretBoxError)) throw error
        if (signs) unreadable.set(row.algorithm, row.id)
      }
    }
    const loaded = { keys, signers, unreadable, loadedAt: nowMs }
    if (asked === generation) ring = loaded
    return loaded
  }

  const reload = async (nowMs: number, algorithm: JwtAlgorithm): Promise<LoadedRing> => {
    try {
      return await load(nowMs)
    } catch (error) {
      if (ring?.signers.has(algorithm) && nowMs - ring.loadedAt < STALE_MS) return ring
      throw error
    }
  }

  return {
    async current(nowMs, algorithm = config.JWT_ALGORITHM) {
      const isFresh = ring && nowMs - ring.loadedAt < FRESH_MS
      const known = ring && isFresh ? ring : await reload(nowMs, algorithm)
      const current = known.signers.get(algorithm)
      if (current) return current
      const key = await newKey({ config, secretBox, random }, nowMs, algorithm)
      const unreadable = known.unreadable.get(algorithm)
      if (unreadable) await replaceKey(db, unreadable, key, new Date(nowMs))
      else await insertFirstKey(db, key)
      const signer = (await load(nowMs)).signers.get(algorithm)
      if (!signer) throw new Error('the key ring has no key that signs')
      return signer
    },

    async find(kid, nowMs) {
      const known = ring?.keys.get(kid)
      if (known) return known.verifiesUntil === null || known.verifiesUntil > nowMs ? known : null
      if (!isOurKid(config.JWT_SECRET_KEY, kid)) return null
      if (nowMs - (missing.get(kid) ?? Number.NEGATIVE_INFINITY) < MISSING_MS) return null
      const found = (await load(nowMs)).keys.get(kid)
      if (found) return found
      if (missing.size >= MAX_MISSING) missing.clear()
      missing.set(kid, nowMs)
      return null
    },

    forget() {
      ring = undefined
      generation += 1
      missing.clear()
    },
  }
}
