import { argon2idAsync } from '@noble/hashes/argon2.js'
import { constantTimeEqual } from '../hash.ts'
import type { PasswordFormat } from './format.ts'

/** OWASP's second recommended setting: 19 MiB, two passes, one lane. */
const COST = { m: 19_456, t: 2, p: 1 }
const SALT_BYTES = 16
const TAG_BYTES = 32

/** An isolate has 128 MB for everything that it does. */
const MAX_MEMORY_KIB = 65_536
/** Memory times passes: about two seconds of work. */
const MAX_WORK_KIB = 4 * MAX_MEMORY_KIB
const MAX_LANES = 16
const MAX_TAG_BYTES = 64

/** What is compared when nobody has the name: costs what a real comparison costs and never matches. */
export const NOBODY = `$argon2id$v=19$m=${COST.m},t=${COST.t},p=${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

interface Parsed {
  m: number
  t: number
  p: number
  salt: Uint8Array
  tag: string
  tagBytes: number
}

/** Argon2id as a PHC string, with whatever parameters. */
export const argon2id: PasswordFormat = {
  reads: (stored) => parse(stored) !== null,
  async verify(password, stored) {
    const parsed = parse(stored)
    if (!parsed) return false
    const { m, t, p, salt, tag, tagBytes } = parsed
    return constantTimeEqual(toBase64(await derive(password, salt, { m, t, p }, tagBytes)), tag)
  },
}

/** @param password after NFC */
export async function hashArgon2id(password: string, salt: Uint8Array): Promise<string> {
  const ownSalt = salt.slice(0, SALT_BYTES)
  const tag = await derive(password, ownSalt, COST, TAG_BYTES)
  return `$argon2id$v=19$m=${COST.m},t=${COST.t},p=${COST.p}$${toBase64(ownSalt)}$${toBase64(tag)}`
}

/** Whether the hash has today's parameters. */
export function isCurrentArgon2id(stored: string): boolean {
  const parsed = parse(stored)
  return parsed?.m === COST.m && parsed.t === COST.t && parsed.p === COST.p
}

function parse(stored: string): Parsed | null {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(stored) ?? []
  if (!salt || !tag) return null
  const [m, t, p] = [Number(memory), Number(passes), Number(lanes)]
  const tagBytes = Math.floor((tag.length * 3) / 4)
  const isAffordable =
    t >= 1 && p >= 1 && p <= MAX_LANES && m >= 8 * p && m <= MAX_MEMORY_KIB && m * t <= MAX_WORK_KIB
  if (!isAffordable || tagBytes > MAX_TAG_BYTES) return null
  try {
    return { m, t, p, salt: fromBase64(salt), tag, tagBytes }
  } catch {
    return null
  }
}

function derive(
  password: string,
  salt: Uint8Array,
  cost: { m: number; t: number; p: number },
  tagBytes: number,
): Promise<Uint8Array> {
  return argon2idAsync(new TextEncoder().encode(password), salt, { ...cost, dkLen: tagBytes })
}

/** PHC strings use base64 without padding. */
function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('=', '')
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
