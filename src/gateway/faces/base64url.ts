import { base64url } from 'jose'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text as base64url of its UTF-8. */
export function encodeText(text: string): string {
  return base64url.encode(text)
}

/** Reverses `encodeText`; undefined for what it has not written. */
export function decodeText(text: string): string | undefined {
  try {
    return utf8.decode(base64url.decode(text))
  } catch {
    return undefined
  }
}
