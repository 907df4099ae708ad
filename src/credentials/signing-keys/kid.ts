import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { fromBase64Url, toBase64Url } from '../../platform/crypto/encoding.ts'
import { constantTimeEqual } from '../../platform/crypto/hash.ts'

/**
 * A key's id is 12 random bytes and 6 bytes of their HMAC under `JWT_SECRET_KEY`. So a made-up id is
 * refused without a look at the database, while an id that this isolate has not met yet is worth one:
 * nobody can use up the look-ups that a new key needs.
 */
export const KID_RANDOM_BYTES = 12
const KID_MAC_BYTES = 6
const FORM = /^[\w-]{24}$/

export function makeKid(secret: string, random: Uint8Array): string {
  const bytes = new Uint8Array(KID_RANDOM_BYTES + KID_MAC_BYTES)
  bytes.set(random.slice(0, KID_RANDOM_BYTES))
  bytes.set(mac(secret, random.slice(0, KID_RANDOM_BYTES)), KID_RANDOM_BYTES)
  return toBase64Url(bytes)
}

/** Whether this id can be one that we have made. */
export function isOurKid(secret: string, kid: string): boolean {
  if (!FORM.test(kid)) return false
  return constantTimeEqual(makeKid(secret, fromBase64Url(kid).slice(0, KID_RANDOM_BYTES)), kid)
}

/** Names the ring of a `JWT_SECRET_KEY` without telling anything about it. */
export function ringIdOf(secret: string): string {
  return toBase64Url(hmac(sha256, utf8ToBytes(`ring:${secret}`), new Uint8Array()).slice(0, 9))
}

function mac(secret: string, random: Uint8Array): Uint8Array {
  return hmac(sha256, utf8ToBytes(`kid:${secret}`), random).slice(0, KID_MAC_BYTES)
}
