import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'

const MAX_LENGTH = 2048

/**
 * Where the browser goes after a sign-in: a path of this server, or an address at an origin that
 * the configuration names (`FRONTEND_URL`, `CORS_ORIGINS`, `PUBLIC_URL`).
 *
 * @returns the address in its normal form, as a browser will read it
 * @throws {AppError} `invalid_request` for anything else
 */
export function checkReturnTo(
  config: Pick<Config, 'FRONTEND_URL' | 'CORS_ORIGINS' | 'PUBLIC_URL'>,
  wanted: string,
): string {
  const refused = new AppError(
    'invalid_request',
    '"return_to" must be a path of this server or an address of a known front end.',
    { param: 'return_to' },
  )
  // Browsers drop tabs and line ends and read a backslash as a slash; nobody honest sends them.
  if (wanted.length > MAX_LENGTH || /[\\\p{Cc}\s]/u.test(wanted)) throw refused
  const address = wanted.startsWith('/') ? ownPath(wanted) : knownAddress(config, wanted)
  if (address === null) throw refused
  return address
}

function ownPath(wanted: string): string | null {
  const here = 'https://here.invalid'
  const url = URL.parse(wanted, here)
  if (url?.origin !== here) return null
  // `/.//host` becomes `//host`; a proxy might decode `/%2Fhost` to the same.
  if (/^\/(\/|\\|%2f|%5c)/i.test(url.pathname)) return null
  return url.pathname + url.search + url.hash
}

function knownAddress(
  config: Pick<Config, 'FRONTEND_URL' | 'CORS_ORIGINS' | 'PUBLIC_URL'>,
  wanted: string,
): string | null {
  const url = URL.parse(wanted)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return null
  const known = [config.FRONTEND_URL, config.PUBLIC_URL, ...config.CORS_ORIGINS]
  const isKnown = known.some(
    (entry) => entry !== undefined && URL.parse(entry)?.origin === url.origin,
  )
  return isKnown ? url.href : null
}
