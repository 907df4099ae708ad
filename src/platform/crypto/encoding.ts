/** Base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/**
 * Reverses `toBase64Url`.
 *
 * @throws {Error} when the text is not base64url
 */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
    char.charCodeAt(0),
  )
}

/**
 * Whether a text is the one spelling of its bytes. Decoders overlook bits at the end, so that several
 * texts mean the same bytes: a token that is good for one use would be good for several (RFC 4648 §3.5).
 */
export function isCanonicalBase64Url(text: string): boolean {
  if (!/^[\w-]*$/.test(text)) return false
  try {
    return toBase64Url(fromBase64Url(text)) === text
  } catch {
    return false
  }
}

/** Whether each part of a compact JWS (RFC 7515 §7.1) is the one spelling of its bytes. */
export function isCanonicalJws(token: string): boolean {
  const parts = token.split('.')
  return parts.length === 3 && parts.every(isCanonicalBase64Url)
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The bytes as one big-endian number in base 62, left-padded with zeros to `length` characters. */
export function toBase62(bytes: Uint8Array, length: number): string {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  let text = ''
  while (value > 0n) {
    text = BASE62[Number(value % 62n)] + text
    value /= 62n
  }
  return text.padStart(length, '0')
}

/** The number that `toBase62` wrote; for texts of up to eight characters. */
export function fromBase62(text: string): number {
  let value = 0
  for (const char of text) value = value * 62 + BASE62.indexOf(char)
  return value
}
