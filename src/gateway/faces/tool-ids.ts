import { decodeText, encodeText } from './base64url.ts'

/** What Anthropic's API, the strictest, takes as the id of a tool call. */
const TAKEN_BY_ALL = /^[a-zA-Z0-9_-]+$/
const ENCODED = 'sa64_'

/** An id of the server's in a form that every client may send back, on whatever face. */
export function toClientId(id: string): string {
  return TAKEN_BY_ALL.test(id) && !id.startsWith(ENCODED) ? id : ENCODED + encodeText(id)
}

/** The server's id of what a client calls so. */
export function toServerId(id: string): string {
  return id.startsWith(ENCODED) ? (decodeText(id.slice(ENCODED.length)) ?? id) : id
}
