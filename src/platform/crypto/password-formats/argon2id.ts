import { argon2idAsync } from '@noble/hashes/argon2.js'
import { constantTimeEqual } from '../hash.ts'
import type { PasswordFormat } from './format.ts'

/** What a hash costs whoever computes it, and whoever guesses; one lane. */
export interface Argon2Cost {
  memoryKib: number
  passes: number
}

/** OWASP's second recommended setting: 19 MiB, two passes. */
export const DEFAULT_COST: Argon2Cost = { memoryKib: 19_456, passes: 2 }
/**
 * The cheapest that OWASP recommends, with any memory of at least 7 MiB: memory times passes.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id
 */
const RECOMMENDED = { memoryKib: 7_168, workKib: 35_840 }

const LANES = 1
const SALT_BYTES = 16
const TAG_BYTES = 32

/** An isolate has 128 MB for everything that it does. */
export const MAX_MEMORY_KIB = 65_536
/** Memory times passes: about two seconds of work. */
const MAX_WORK_KIB = 4 * MAX_MEMORY_KIB
const MAX_LANES = 16
const MAX_TAG_BYTES = 64

/** Whether passwords may be kept at this cost, too, where they are worth stealing. */
export function isRecommended({ memoryKib, passes }: Argon2Cost): boolean {
  return memoryKib >= RECOMMENDED.memoryKib && memoryKib * passes >= RECOMMENDED.workKib
}

/** Whether hashes of this cost can be read afterwards. */
export function isAffordable({ memoryKib, passes }: Argon2Cost): boolean {
  return memoryKib <= MAX_MEMORY_KIB && memoryKib * passes <= MAX_WORK_KIB
}

/** What is compared when nobody has the name: costs what a real comparison costs and never matches. */
export function hashOfNobody(cost: Argon2Cost): string {
  return phc(cost, 'A'.repeat(22), 'A'.repeat(43))
}

function phc({ memoryKib, passes }: Argon2Cost, salt: string, tag: string): string {
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${LANES}$${salt}$${tag}`
}

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
export async function hashArgon2id(
  password: string,
  salt: Uint8Array,
  cost: Argon2Cost,
): Promise<string> {
  const ownSalt = salt.slice(0, SALT_BYTES)
  const parameters = { m: cost.memoryKib, t: cost.passes, p: LANES }
  const tag = await derive(password, ownSalt, parameters, TAG_BYTES)
  return phc(cost, toBase64(ownSalt), toBase64(tag))
}

/** Whether the hash has these parameters. */
export function hasCost(stored: string, { memoryKib, passes }: Argon2Cost): boolean {
  const parsed = parse(stored)
  return parsed?.m === memoryKib && parsed.t === passes && parsed.p === LANES
}

function parse(stored: string): Parsed | null {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(stored) ?? []
  if (!salt || !tag) return null
  const [m, t, p] = [Number(memory), Number(passes), Number(lanes)]
  const tagBytes = Math.floor((tag.length * 3) / 4)
  const isValid = t >= 1 && p >= 1 && p <= MAX_LANES && m >= 8 * p
  if (!isValid || !isAffordable({ memoryKib: m, passes: t }) || tagBytes > MAX_TAG_BYTES)
    return null
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
