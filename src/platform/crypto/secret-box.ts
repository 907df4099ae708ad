import { sha256 } from '@noble/hashes/sha2.js'
import { fromBase64Url, toBase64Url } from './encoding.ts'

/** Encrypts secrets that have to be read again (upstream keys, provider tokens). */
export interface SecretBox {
  /**
   * @param owner whom the secret belongs to, e.g. `plugin-key:42`; it only opens for the same owner
   * @returns `v1.<kid>.<iv>.<ciphertext>`
   */
  seal(plaintext: string, owner: string): Promise<string>
  /** @throws {SecretBoxError} when the key is unknown, or text or owner are not the sealed ones */
  open(sealed: string, owner: string): Promise<string>
}

export class SecretBoxError extends Error {
  override readonly name = 'SecretBoxError'
}

const IV_BYTES = 12

interface BoxKey {
  kid: string
  key: ReturnType<typeof crypto.subtle.importKey>
}

/**
 * AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit IV for each message and the owner as
 * additional data.
 *
 * @param rawKeys 32-byte keys: the first one writes, all of them read
 */
export function createSecretBox(rawKeys: Uint8Array<ArrayBuffer>[]): SecretBox {
  let imported: BoxKey[] | undefined
  // Imported at first use: most requests decrypt nothing.
  const keys = () => {
    imported ??= rawKeys.map((raw) => ({
      kid: toBase64Url(sha256(raw).slice(0, 6)),
      key: crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']),
    }))
    return imported
  }

  return {
    async seal(plaintext, owner) {
      const [writer] = keys()
      if (!writer) throw new SecretBoxError('no encryption key is configured')
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const ciphertext = await crypto.subtle.encrypt(
        parameters(iv, writer.kid, owner),
        await writer.key,
        new TextEncoder().encode(plaintext),
      )
      return `v1.${writer.kid}.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(ciphertext))}`
    },

    async open(sealed, owner) {
      const [version, kid, iv, ciphertext] = sealed.split('.')
      const reader = keys().find((candidate) => candidate.kid === kid)
      if (version !== 'v1' || !reader || !iv || !ciphertext) {
        throw new SecretBoxError(`no key to open a secret sealed with ${version}.${kid}`)
      }
      try {
        const plaintext = await crypto.subtle.decrypt(
          parameters(fromBase64Url(iv), reader.kid, owner),
          await reader.key,
          fromBase64Url(ciphertext),
        )
        return new TextDecoder().decode(plaintext)
      } catch {
        throw new SecretBoxError('the secret does not open: wrong owner or altered text')
      }
    },
  }
}

function parameters(iv: Uint8Array<ArrayBuffer>, kid: string, owner: string) {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(`v1.${kid}.${owner}`) }
}
