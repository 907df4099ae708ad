import { fromBase62, toBase62 } from '../../platform/crypto/encoding.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'

/**
 * `sk-sa-` + 6 characters (whose key it is) + 43 characters (256 random bits in base 62) +
 * 6 characters (CRC-32 of what stands before). The prefix lets secret scanners recognise a leaked
 * key; the checksum lets us refuse a mistyped one without looking it up; the owner lets the gate
 * read everything about key and person in one round trip.
 */
export const KEY_PREFIX = 'sk-sa-'
const OWNER_LENGTH = 6
const RANDOM_BYTES = 32
const RANDOM_LENGTH = 43
const CHECKSUM_LENGTH = 6
const PREVIEW_LENGTH = KEY_PREFIX.length + OWNER_LENGTH + 6

const FORM = new RegExp(
  `^${KEY_PREFIX}([0-9A-Za-z]{${OWNER_LENGTH}})[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`,
)

export interface GeneratedKey {
  /** Shown once, never stored. */
  key: string
  hash: string
  preview: string
}

/** @param random 32 bytes of cryptographic quality */
export function generateKey(userId: number, random: Uint8Array): GeneratedKey {
  const owner = toBase62(uint32(userId), OWNER_LENGTH)
  const payload = KEY_PREFIX + owner + toBase62(random.slice(0, RANDOM_BYTES), RANDOM_LENGTH)
  const key = payload + checksum(payload)
  return { key, hash: hashKey(key), preview: `${key.slice(0, PREVIEW_LENGTH)}...` }
}

/** Whose key this claims to be, or null when the text cannot be one of our keys. */
export function ownerOf(text: string): number | null {
  const owner = FORM.exec(text)?.[1]
  if (!owner || checksum(text.slice(0, -CHECKSUM_LENGTH)) !== text.slice(-CHECKSUM_LENGTH))
    return null
  return fromBase62(owner)
}

/** Keys of the systems that people move here from: `sk-` and 48 or 64 characters, with no owner in them. */
const FOREIGN_FORM = /^sk-(?:[0-9A-Za-z]{48}|[\w-]{64})$/

/** Whether this has the form of another system's key, of which only a look-up can say whose it is. */
export function isForeignKey(text: string): boolean {
  return FOREIGN_FORM.test(text)
}

export function hashKey(key: string): string {
  return sha256Hex(key)
}

function checksum(text: string): string {
  return toBase62(uint32(crc32(text)), CHECKSUM_LENGTH)
}

/** CRC-32 of ISO 3309 (the one of zip and gzip) over ASCII text. */
function crc32(text: string): number {
  let crc = 0xffffffff
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
