import type { SaidError } from './error-shape.ts'

/** `Date.parse` makes one of nearly anything that holds a number. */
const DATE = /^\s*[a-z]{3,9},? .*\d\d:\d\d:\d\d/i

/**
 * When to come back, as the server said it: seconds or a date (RFC 9110 §10.2.3), OpenAI's and
 * Azure's `retry-after-ms`, Google's delay in the body, and whether at all. Nothing where it said
 * nothing: SDKs then have waits of their own.
 *
 * @param now milliseconds since the epoch
 */
export function retryHeaders(
  headers: Headers | null,
  said: SaidError,
  now: number,
): Record<string, string> {
  const milliseconds = millisecondsOf(headers, said, now)
  const shouldRetry = headers?.get('x-should-retry')
  return {
    ...(milliseconds !== undefined && {
      'retry-after': String(Math.ceil(milliseconds / 1000)),
      ...(milliseconds % 1000 !== 0 && { 'retry-after-ms': String(Math.ceil(milliseconds)) }),
    }),
    ...((shouldRetry === 'true' || shouldRetry === 'false') && { 'x-should-retry': shouldRetry }),
  }
}

function millisecondsOf(headers: Headers | null, said: SaidError, now: number) {
  const exact = numberOf(headers?.get('retry-after-ms'))
  if (exact !== undefined) return exact
  const after = headers?.get('retry-after')
  const seconds = numberOf(after)
  if (seconds !== undefined) return seconds * 1000
  const date = after && DATE.test(after) ? Date.parse(after) : Number.NaN
  // The header has whole seconds: so has the wait.
  if (!Number.isNaN(date)) return Math.max(0, Math.ceil((date - now) / 1000) * 1000)
  return said.retryAfterSeconds === undefined ? undefined : said.retryAfterSeconds * 1000
}

/** The digits of a number of milliseconds that is still one of days. */
function numberOf(text: string | null | undefined): number | undefined {
  return text && /^\d{1,10}(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined
}
