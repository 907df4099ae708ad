import { sha1 } from '@noble/hashes/legacy.js'
import { pbkdf2 } from '@noble/hashes/pbkdf2.js'
import { scrypt } from '@noble/hashes/scrypt.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { constantTimeEqual } from '../hash.ts'
import type { PasswordFormat } from './format.ts'

/** Workers refuse more than this in Web Crypto. */
const MAX_NATIVE_ITERATIONS = 100_000
/** Above werkzeug's default of any version; about two seconds in JavaScript. */
const MAX_ITERATIONS = 1_200_000
/** scrypt takes 128·N·r bytes; an isolate has 128 MB for everything that it does. */
const MAX_SCRYPT_BYTES = 64 * 1024 * 1024
const MAX_SCRYPT_LANES = 4

const HASHES = {
  sha1: { noble: sha1, native: 'SHA-1' },
  sha256: { noble: sha256, native: 'SHA-256' },
  sha512: { noble: sha512, native: 'SHA-512' },
} as const

type Method =
  | { type: 'scrypt'; N: number; r: number; p: number }
  | { type: 'pbkdf2'; hash: keyof typeof HASHES; iterations: number }

interface Parsed {
  method: Method
  salt: string
  /** Hexadecimal. */
  digest: string
}

const FORM = /^([a-z0-9:]{1,40})\$([^$]{1,128})\$((?:[0-9a-f]{2}){16,64})$/

/**
 * What `werkzeug.security.generate_password_hash` of any version makes:
 * `scrypt:N:r:p$salt$digest` and `pbkdf2:<hash>:<iterations>$salt$digest`. The salt is text.
 */
export const werkzeug: PasswordFormat = {
  reads: (stored) => parse(stored) !== null,
  async verify(password, stored) {
    const parsed = parse(stored)
    return parsed !== null && constantTimeEqual(await derive(password, parsed), parsed.digest)
  },
}

function parse(stored: string): Parsed | null {
  const [, name, salt, digest] = FORM.exec(stored) ?? []
  const method = name && parseMethod(name)
  return method && salt && digest ? { method, salt, digest } : null
}

function parseMethod(name: string): Method | null {
  const [type, first = '', second = '', third = ''] = name.split(':')
  if (type === 'scrypt') {
    const [N, r, p] = [Number(first), Number(second), Number(third)]
    const isPowerOfTwo = Number.isInteger(N) && N >= 2 && 2 ** Math.round(Math.log2(N)) === N
    const isAffordable =
      r >= 1 && p >= 1 && p <= MAX_SCRYPT_LANES && 128 * N * r <= MAX_SCRYPT_BYTES
    return isPowerOfTwo && isAffordable ? { type, N, r, p } : null
  }
  const iterations = Number(second)
  const isAffordable =
    Number.isInteger(iterations) && iterations >= 1 && iterations <= MAX_ITERATIONS
  if (type !== 'pbkdf2' || !Object.hasOwn(HASHES, first) || !isAffordable) return null
  return { type, hash: first as keyof typeof HASHES, iterations }
}

async function derive(password: string, { method, salt, digest }: Parsed): Promise<string> {
  const dkLen = digest.length / 2
  if (method.type === 'scrypt') {
    const { N, r, p } = method
    return bytesToHex(scrypt(password, salt, { N, r, p, dkLen, maxmem: 2 * MAX_SCRYPT_BYTES }))
  }
  const { noble, native } = HASHES[method.hash]
  const c = method.iterations
  if (c > MAX_NATIVE_ITERATIONS) return bytesToHex(pbkdf2(noble, password, salt, { c, dkLen }))
  const encoder = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', encoder.encode(password), 'PBKDF2', false, [
    'deriveBits',
  ])
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: native, salt: encoder.encode(salt), iterations: c },
    key,
    dkLen * 8,
  )
  return bytesToHex(new Uint8Array(bits))
}
