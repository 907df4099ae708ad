import { fromBase64Url } from '../../src/platform/crypto/encoding.ts'

const VERSION = 0x80
/** Version and time stamp. */
const HEADER_BYTES = 9
const IV_BYTES = 16
const TAG_BYTES = 32
const KEY_BYTES = 32

/** A token that does not open. The message holds nothing of it. */
export class FernetError extends Error {
  override readonly name = 'FernetError'
}

/**
 * A reader of Fernet tokens (https://github.com/fernet/spec): AES-128-CBC with PKCS #7 padding, then
 * HMAC-SHA256. Their age is not looked at: what is stored does not expire.
 *
 * @param keys base64url of 32 bytes each; any of them may have made a token
 * @throws {FernetError} when a key is not of that form
 */
export function createFernetReader(keys: readonly string[]) {
  const parsed = keys.map((text) => {
    const key = decode(text.trim())
    if (key?.length !== KEY_BYTES) throw new FernetError('a Fernet key is base64url of 32 bytes')
    return key
  })
  return {
    /** @throws {FernetError} when no key opens it, or it was altered */
    async open(token: string): Promise<string> {
      for (const key of parsed) {
        const plaintext = await openWith(key, token)
        if (plaintext !== null) return plaintext
      }
      throw new FernetError('no key opens it')
    },
  }
}

async function openWith(key: Uint8Array<ArrayBuffer>, token: string): Promise<string | null> {
  const bytes = decode(token.trim())
  if (!bytes || bytes.length < HEADER_BYTES + IV_BYTES + TAG_BYTES || bytes[0] !== VERSION)
    return null
  const signed = bytes.slice(0, -TAG_BYTES)
  const { subtle } = crypto
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const verifier = await subtle.importKey('raw', key.slice(0, 16), hmac, false, ['verify'])
  if (!(await subtle.verify('HMAC', verifier, bytes.slice(-TAG_BYTES), signed))) return null
  const reader = await subtle.importKey('raw', key.slice(16), 'AES-CBC', false, ['decrypt'])
  const iv = signed.slice(HEADER_BYTES, HEADER_BYTES + IV_BYTES)
  try {
    const ciphertext = signed.slice(HEADER_BYTES + IV_BYTES)
    return new TextDecoder().decode(
      await subtle.decrypt({ name: 'AES-CBC', iv }, reader, ciphertext),
    )
  } catch {
    return null
  }
}

function decode(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return fromBase64Url(text)
  } catch {
    return null
  }
}
