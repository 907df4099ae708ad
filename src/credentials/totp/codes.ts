import { hmac } from '@noble/hashes/hmac.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { Secret, TOTP } from 'otpauth/bare'
import { sha256Hex } from '../../platform/crypto/hash.ts'

/** RFC 6238 with what every authenticator app understands: SHA-1, six digits, thirty seconds. */
const SETTINGS = {
  algorithm: 'SHA1',
  digits: 6,
  period: 30,
  // The library's own hashes would be in the Worker a second time.
  hmac: (_: string, key: Uint8Array, message: Uint8Array) => hmac(sha1, key, message),
}
/** RFC 4226 §4 asks for 128 bits at least and recommends 160. */
export const SECRET_BYTES = 20
/** Clocks differ: one step before and one after are accepted (RFC 6238 §5.2). */
const WINDOW_STEPS = 1

export const RECOVERY_CODE_COUNT = 10
/** 80 bits: too many to be found from the hashes. */
const RECOVERY_CODE_BYTES = 10
/** Crockford's base 32: no letter that is taken for a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * The time step whose code this is.
 *
 * @param secret base 32
 * @returns null for a wrong code
 */
export function matchingStep(secret: string, code: string, nowMs: number): number | null {
  if (!/^\d{6}$/.test(code)) return null
  const totp = new TOTP({ ...SETTINGS, secret: Secret.fromBase32(secret) })
  const delta = totp.validate({ token: code, timestamp: nowMs, window: WINDOW_STEPS })
  return delta === null ? null : Math.floor(nowMs / 1000 / SETTINGS.period) + delta
}

/** @param random `SECRET_BYTES` of cryptographic quality */
export function newSecret(random: Uint8Array<ArrayBuffer>): string {
  return new Secret({ buffer: random.buffer }).base32
}

/** What an authenticator app reads from the QR code. */
export function otpauthUrl(secret: string, issuer: string, label: string): string {
  return new TOTP({ ...SETTINGS, issuer, label, secret: Secret.fromBase32(secret) }).toString()
}

/** `xxxx-xxxx-xxxx-xxxx`, `RECOVERY_CODE_COUNT` times. */
export function newRecoveryCodes(randomBytes: (length: number) => Uint8Array): string[] {
  return Array.from({ length: RECOVERY_CODE_COUNT }, () => {
    let bits = 0n
    for (const byte of randomBytes(RECOVERY_CODE_BYTES)) bits = (bits << 8n) | BigInt(byte)
    let text = ''
    for (let index = 0; index < 16; index++) {
      text += ALPHABET[Number(bits & 31n)]
      bits >>= 5n
    }
    return text.replace(/(.{4})(?=.)/g, '$1-')
  })
}

/** How a recovery code is kept. Letters that are taken for digits, case and dashes do not count. */
export function hashRecoveryCode(userId: number, code: string): string {
  const plain = code.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1')
  return sha256Hex(`recovery:${userId}:${plain}`)
}
