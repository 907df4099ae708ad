import { argon2idAsync } from '@noble/hashes/argon2.js'
import { constantTimeEqual } from './hash.ts'

/** OWASP's second recommended setting: 19 MiB, two passes, one lane. */
const COST = { m: 19_456, t: 2, p: 1 }
const SALT_BYTES = 16
const TAG_BYTES = 32

/** What is compared when nobody has the name: costs what a real comparison costs and never matches. */
const NOBODY = `$argon2id$v=19$m=${COST.m},t=${COST.t},p=${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/**
 * Hashes a password with Argon2id (RFC 9106).
 *
 * @param password any text; compared after NFC, so that two keyboards spell it alike
 * @param salt 16 random bytes
 * @returns a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$tag`
 */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const tag = await derive(password, salt.slice(0, SALT_BYTES), COST)
  return `$argon2id$v=19$m=${COST.m},t=${COST.t},p=${COST.p}$${toPhcBase64(salt)}$${toPhcBase64(tag)}`
}

/**
 * Compares a password with a PHC string.
 *
 * @param stored null when there is nobody to compare with: the answer is false, after the same work
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [, algorithm, version, cost, salt, tag] = (stored ?? NOBODY).split('$')
  const parameters = /^m=(\d+),t=(\d+),p=(\d+)$/.exec(cost ?? '')
  if (algorithm !== 'argon2id' || version !== 'v=19' || !parameters || !salt || !tag) return false
  const [m, t, p] = parameters.slice(1).map(Number) as [number, number, number]
  const derived = await derive(password, fromPhcBase64(salt), { m, t, p })
  return constantTimeEqual(toPhcBase64(derived), tag) && stored !== null
}

function derive(password: string, salt: Uint8Array, cost: { m: number; t: number; p: number }) {
  return argon2idAsync(new TextEncoder().encode(password.normalize('NFC')), salt, {
    ...cost,
    dkLen: TAG_BYTES,
  })
}

function toPhcBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('=', '')
}

function fromPhcBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
