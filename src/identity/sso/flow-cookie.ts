import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { AppEnv } from '../../app-env.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'
import { type FlowProof, isFromBrowser } from './binding.ts'
import { FLOW_SECONDS } from './flow-store.ts'

const STEM = 'login-'
const SUFFIX_LENGTH = 16

/** One cookie a flow, so that two tabs can sign in at a time; named so that the flow is not told. */
const nameOf = (c: Context<AppEnv>, state: string) =>
  `${prefixOf(c)}${STEM}${sha256Hex(state).slice(0, SUFFIX_LENGTH)}`

/** `__Host-` keeps neighbouring hosts from setting it; browsers take it over TLS only. */
function prefixOf(c: Context<AppEnv>): string {
  return isSecure(c) ? '__Host-' : ''
}

function isSecure(c: Context<AppEnv>): boolean {
  return (c.get('ctx').config.PUBLIC_URL ?? c.req.url).startsWith('https:')
}

/** Lax: it has to come along when the provider sends the browser back. */
const attributes = (c: Context<AppEnv>) =>
  ({ httpOnly: true, secure: isSecure(c), sameSite: 'Lax', path: '/' }) as const

export function setFlowCookie(c: Context<AppEnv>, state: string, value: string): void {
  setCookie(c, nameOf(c, state), value, { ...attributes(c), maxAge: FLOW_SECONDS })
}

/** Reads what the request proves about a flow, and drops the flow's cookie: it is good for one attempt. */
export function takeProof(
  c: Context<AppEnv>,
  state: string | undefined,
  how: Pick<FlowProof, 'isNavigation' | 'codeVerifier'>,
): FlowProof {
  const name = nameOf(c, state ?? '')
  const cookies = getCookie(c)
  const cookie = cookies[name] ?? null
  if (cookie !== null) deleteCookie(c, name, attributes(c))
  return {
    cookie,
    hasAnyCookie: Object.keys(cookies).some((key) => key.startsWith(prefixOf(c) + STEM)),
    isFromBrowser: isFromBrowser((header) => c.req.header(header)),
    ...how,
  }
}
