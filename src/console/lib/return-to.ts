const HOME = '/console'

/**
 * Where to go after signing in: a page of this site, whatever a link says.
 *
 * @param wanted a path that a link asks for
 * @returns a path with query and fragment; the home page where the wish leads elsewhere
 */
export function safeReturn(wanted: string | null): string {
  if (!wanted?.startsWith('/') || /[\\\p{Cc}\s]/u.test(wanted)) return HOME
  const url = URL.parse(wanted, location.origin)
  if (url?.origin !== location.origin || /^\/(\/|\\|%2f|%5c)/i.test(url.pathname)) return HOME
  if (/^\/(login|register)\b/.test(url.pathname)) return HOME
  return url.pathname + url.search + url.hash
}

/** The sign-in page, from which one comes back to where one is. */
export function loginPath(from = location.pathname + location.search): string {
  return /^\/console\/?$/.test(from) || !from.startsWith('/console')
    ? '/login'
    : `/login?return_to=${encodeURIComponent(from)}`
}
