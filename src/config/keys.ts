import { fromBase64Url } from '../platform/crypto/encoding.ts'

/** Base64 or base64url keys of 32 bytes (the form of a Fernet key), separated by commas. */
export function decodeKeys(text: string): Uint8Array<ArrayBuffer>[] | undefined {
  const keys = text.split(',').map((item) => decodeBase64(item.trim()))
  return keys.every((key) => key?.length === 32) ? (keys as Uint8Array<ArrayBuffer>[]) : undefined
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return fromBase64Url(text)
  } catch {
    return undefined
  }
}
