import type { Context } from 'hono'

/** Name and value. */
export type HeaderLine = readonly [name: string, value: string]

/** For what flows while it is made: kept by no cache, held back and repacked by nothing on its way. */
export const FLOWING = 'no-store, no-transform'

/**
 * What browsers heed of an answer that is never a document: the policy forbids everything, framing
 * included. https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html
 */
export const DATA_HEADERS: readonly HeaderLine[] = [
  // Nearly everything here is somebody's: what may be kept says so itself (RFC 9111 §5.2.2.5).
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['strict-transport-security', 'max-age=63072000; includeSubDomains'],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
]

/**
 * What keeps browsers from doing what nobody asked for, pages included. Which other origins may read
 * an answer is for CORS to say.
 */
export const PROTECTIVE_HEADERS: readonly HeaderLine[] = [
  ...DATA_HEADERS,
  ['cross-origin-opener-policy', 'same-origin'],
  ['origin-agent-cluster', '?1'],
  ['referrer-policy', 'no-referrer'],
  ['x-dns-prefetch-control', 'off'],
  ['x-download-options', 'noopen'],
  ['x-permitted-cross-domain-policies', 'none'],
  ['x-xss-protection', '0'],
]

/**
 * The headers of data that is sent often, with the protective ones among them: a `Response` copies
 * them natively, which costs a fraction of setting them one by one. Each costs something all the same.
 */
export function preparedHeaders(own: Record<string, string>): Headers {
  const headers = new Headers(own)
  for (const [name, value] of DATA_HEADERS) if (!headers.has(name)) headers.set(name, value)
  return headers
}

/** Sets headers of the answer, in place where that is possible: Hono makes a new Response for each. */
export function addHeaders(c: Context, lines: readonly HeaderLine[]): void {
  try {
    const { headers } = c.res
    for (const [name, value] of lines) headers.set(name, value)
  } catch {
    // The headers of a redirect, or of another server's answer, cannot be changed.
    const own = new Response(c.res.body, c.res)
    for (const [name, value] of lines) own.headers.set(name, value)
    // Hono would merge the old headers into the new.
    c.res = undefined
    c.res = own
  }
}
