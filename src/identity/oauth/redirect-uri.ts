import type { OAuthClient } from '../../credentials/oauth/index.ts'

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(?=[/?]|$)/

/**
 * The address an answer may go to: the one that is asked for, if it is registered letter by letter
 * (RFC 9700 §2.1); of a loopback address the port is free (RFC 8252 §7.3).
 *
 * @param asked null where nothing is asked for: then the client must have just one
 * @returns null: none of the client's
 */
export function matchRedirectUri(
  { redirectUris }: Pick<OAuthClient, 'redirectUris'>,
  asked: string | null,
): string | null {
  if (asked === null) return redirectUris.length === 1 ? (redirectUris[0] ?? null) : null
  if (redirectUris.includes(asked)) return asked
  if (!LOOPBACK.test(asked)) return null
  const bare = withoutPort(asked)
  return redirectUris.some((known) => LOOPBACK.test(known) && withoutPort(known) === bare)
    ? asked
    : null
}

const withoutPort = (url: string) => url.replace(LOOPBACK, 'http://$1')

/**
 * Whether an address may be registered: absolute, without a fragment (RFC 6749 §3.1.2), and encrypted
 * unless it leads to the person's own machine or to an app of theirs (RFC 8252 §7.1).
 */
export function isRedirectUri(text: string): boolean {
  if (text.length > 2_000 || text.includes('#') || /[\s\p{Cc}\\]/u.test(text)) return false
  const url = URL.parse(text)
  if (!url || url.username || url.password) return false
  if (url.protocol === 'https:') return true
  if (url.protocol === 'http:') return LOOPBACK.test(text)
  // A scheme of an app's own has a dot, as it has to be a domain of theirs the other way round; what runs code has none.
  return /^[a-z][a-z\d+-]*(\.[a-z\d+-]+)+:$/.test(url.protocol) || APP_SCHEMES.has(url.protocol)
}

/** Editors that are MCP hosts, whose schemes are older than the rule. */
const APP_SCHEMES = new Set(['cursor:', 'vscode:', 'vscode-insiders:', 'windsurf:'])
