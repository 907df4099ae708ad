import { signal } from '@preact/signals'
import { Failure, failureOf } from './failure.ts'

/** The access token: in memory alone. The refresh token lies in a cookie that no script can read. */
interface AccessToken {
  token: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

type State = 'unknown' | 'signed-in' | 'signed-out'

/** Whether somebody is signed in, as far as this tab knows. */
export const sessionState = signal<State>('unknown')

let access: AccessToken | undefined

interface TokenAnswer {
  access_token: string
  expires_in: number
}

type Message =
  | { type: 'renewed'; access: AccessToken }
  | { type: 'signed-out' }
  | { type: 'signed-in' }

const LOCK = 'session-renewal'
/** Kept where there may be a cookie: whoever has never signed in here need not ask the server about it. */
const HINT = 'may-be-signed-in'
const MARK = 'renewal-under-way'
/** The longest that a renewal can take at the server, whose answer a page that was left may still bring. */
const RENEWAL_MS = 3_000
const RENEW_BEFORE_MS = 30_000
const TIMEOUT_MS = 15_000

const channel = new BroadcastChannel('session')
const leavers = new Set<() => void>()

channel.onmessage = ({ data }: MessageEvent<Message>) => {
  if (data.type === 'renewed') {
    access = data.access
    sessionState.value = 'signed-in'
  } else if (data.type === 'signed-out') {
    forget()
  } else if (sessionState.value === 'signed-in') {
    // Perhaps as somebody else: nothing that this tab shows may be mixed with theirs.
    location.reload()
  } else {
    void renew(undefined).catch(() => undefined)
  }
}

/** Told when the session of this tab has ended: whoever keeps data about the person drops it. */
export function onSignedOut(listener: () => void): void {
  leavers.add(listener)
}

/** Keeps what a sign-in has brought. */
export function signedIn(answer: TokenAnswer): void {
  expectSession()
  access = keep(answer)
  sessionState.value = 'signed-in'
  tell({ type: 'signed-in' })
  tell({ type: 'renewed', access })
}

/** Somebody is about to sign in elsewhere, and may come back with a cookie. */
export function expectSession(): void {
  localStorage.setItem(HINT, 'yes')
}

/** Ends the session on this device, in all its tabs. */
export async function signOut(): Promise<void> {
  const token = access?.token
  await fetch('/api/auth/logout', {
    method: 'POST',
    keepalive: true,
    headers: { ...(token && { authorization: `Bearer ${token}` }) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  sessionEnded()
}

/** The session has ended by what was done here, such as signing out everywhere. */
export function sessionEnded(): void {
  forget()
  tell({ type: 'signed-out' })
}

/**
 * A token that still holds, renewed where needed.
 *
 * @throws {Failure} 401 when nobody is signed in
 */
export async function accessToken(): Promise<string> {
  if (access && access.expiresAt - Date.now() > RENEW_BEFORE_MS) return access.token
  return renew(access?.token)
}

/**
 * A new token in place of one that the server did not take. All calls and all tabs share one renewal:
 * each refresh token works once, and using it again would end the session.
 *
 * @param refused the token that does not hold; another one that has come meanwhile is taken at once
 * @throws {Failure} 401 when nobody is signed in
 */
export function renew(refused: string | undefined): Promise<string> {
  renewal ??= navigator.locks
    .request(LOCK, async () => {
      if (access && access.token !== refused) return access.token
      if (localStorage.getItem(HINT) === null) {
        forget()
        throw new Failure(401, 'not_authenticated', 'Nobody is signed in.')
      }
      await leftRenewal()
      return exchange()
    })
    .finally(() => {
      renewal = undefined
    }) as Promise<string>
  return renewal
}

let renewal: Promise<string> | undefined

async function exchange(): Promise<string> {
  localStorage.setItem(MARK, String(Date.now()))
  // A page that is left takes its request with it, and the new cookie would be lost: this one stays.
  const response = await fetch('/api/auth/refresh?useCookies=true', {
    method: 'POST',
    keepalive: true,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  localStorage.removeItem(MARK)
  const body: unknown = await response.json().catch(() => null)
  if (response.status === 401) {
    sessionEnded()
    throw failureOf(response, body)
  }
  if (!response.ok) throw failureOf(response, body)
  const answer = body as TokenAnswer | { mfa_required: true }
  if ('mfa_required' in answer) {
    sessionEnded()
    throw new Failure(401, 'not_authenticated', 'Sign in again: a second factor is needed by now.')
  }
  access = keep(answer)
  sessionState.value = 'signed-in'
  tell({ type: 'renewed', access })
  return access.token
}

/** A page that was closed in the middle of a renewal may have spent the cookie that we would send. */
async function leftRenewal(): Promise<void> {
  const since = Date.now() - Number(localStorage.getItem(MARK) ?? 0)
  if (since < RENEWAL_MS) await new Promise((resolve) => setTimeout(resolve, RENEWAL_MS - since))
}

function keep({ access_token, expires_in }: TokenAnswer): AccessToken {
  return { token: access_token, expiresAt: Date.now() + expires_in * 1000 }
}

function forget(): void {
  access = undefined
  localStorage.removeItem(HINT)
  for (const leave of leavers) leave()
  sessionState.value = 'signed-out'
}

function tell(message: Message): void {
  channel.postMessage(message)
}
