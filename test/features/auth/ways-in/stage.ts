import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll } from 'vitest'
import { type ReceivedMail, tokenIn } from '../../../support/mail.ts'
import { plainFetch } from '../../../support/plain-fetch.ts'
import { call } from '../../../support/stack.ts'
import type { OwnWorker } from '../../../support/worker-with.ts'
import { type Idp, namedProviders, startIdp, workerWith } from '../../sso/support.ts'

/** What the sequences are played on: as cheap as a call can be, for there are a few hundred thousand. */

let idp: Idp
let postOffice: Server
/** Two isolates: whichever is asked next, as in a deployment. */
let workers: OwnWorker[] = []

/** All mails, by address, newest first; in this process, so that looking for one costs nothing. */
const mailboxes = new Map<string, ReceivedMail[]>()

export function setStage(): void {
  beforeAll(async () => {
    idp = await startIdp()
    signInManyAtOnce(idp)
    postOffice = await openPostOffice()
    const settings = {
      ...namedProviders(idp),
      MAIL_API_URL: `http://127.0.0.1:${(postOffice.address() as AddressInfo).port}/emails`,
      // Nobody chats here, so that nobody needs to be known there.
      PLUGIN_API_BASE_URL: '',
      PLUGIN_API_ADMIN_KEY: '',
      FAILED_LOGIN_SECONDS: '0',
      MAILBOX_RATE_LIMIT: '1000/1h',
      MAX_LOGIN_ATTEMPTS: '1000',
      LOG_LEVEL: 'warn',
    }
    workers = [await workerWith(settings), await workerWith(settings)]
    // The first call of an isolate takes longer; here a few hundred would come at once.
    for (const _ of workers) await ask('/api/auth/login', { username: 'nobody', password: 'none' })
  })
  afterAll(async () => {
    for (const worker of workers) await worker.close()
    await idp?.stop()
    postOffice?.closeAllConnections()
    postOffice?.close()
  })
}

async function openPostOffice(): Promise<Server> {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const mail = JSON.parse(text) as ReceivedMail
    for (const address of mail.to) mailboxes.set(address, [mail, ...(mailboxes.get(address) ?? [])])
    response.setHeader('content-type', 'application/json')
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

export const mailbox = (address: string): ReceivedMail[] => mailboxes.get(address) ?? []

/** @returns the token of the newest link of that kind that is about an account; null: no such mail */
export function linkFor(address: string, username: string, subject: RegExp): string | null {
  const mail = mailbox(address).find(
    (one) => subject.test(one.subject) && one.text.includes(`the account "${username}"`),
  )
  return mail && /#token=/.test(mail.text) ? tokenIn(mail) : null
}

export type Json = Record<string, unknown>

/** Every so many answers are held against the API's description; other tests do so with all. */
const CHECKED = 25
let asked = 0

const anyWorker = () => workers[asked++ % workers.length]?.url ?? ''

/** A call of the Worker. */
export async function ask(path: string, json?: Json, token?: string, method?: string) {
  const baseUrl = anyWorker()
  if (asked % CHECKED === 0)
    return call(path, {
      baseUrl,
      ...(method && { method }),
      ...(json && { json }),
      ...(token && { token }),
    })
  const response = await plainFetch(baseUrl + path, {
    method: method ?? (json ? 'POST' : 'GET'),
    redirect: 'manual',
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(json && { 'content-type': 'application/json' }),
    },
    ...(json && { body: JSON.stringify(json) }),
  })
  return { status: response.status, body: parse(await response.text()) }
}

const parse = (text: string): Json => (text.startsWith('{') ? JSON.parse(text) : {})

/** Who somebody is at the provider. */
export interface Identity {
  sub: string
  email: string
}

type Asking = { url?: string; headers: { authorization?: string }; body?: { code?: string } }

/** Lets the provider sign in whoever an authorization request names, not one person after the other. */
function signInManyAtOnce({ server: { service } }: Idp): void {
  const byCode = new Map<string, Identity>()
  service.on('beforeAuthorizeRedirect', ({ url }: { url: URL }, request: Asking) => {
    const as = new URL(request.url ?? '/', 'http://localhost').searchParams.get('as')
    if (as) byCode.set(url.searchParams.get('code') ?? '', JSON.parse(as) as Identity)
  })
  service.on('beforeTokenSigning', (token: { payload: object }, request: Asking) => {
    const identity = byCode.get(request.body?.code ?? '')
    if (identity) Object.assign(token.payload, identity, { email_verified: true })
  })
}

/** The way to the provider and back, up to the call that finishes it. */
async function consent(authorizationUrl: string, identity: Identity) {
  const url = new URL(authorizationUrl)
  url.searchParams.set('as', JSON.stringify(identity))
  const answer = await plainFetch(url, { redirect: 'manual' })
  return new URL(answer.headers.get('location') ?? '')
}

const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')

/** @returns who is signed in then, or has to give a code yet; null: nobody */
export async function signInWith(identity: Identity) {
  const begun = await plainFetch(`${anyWorker()}/oauth/google/login`, { redirect: 'manual' })
  const back = await consent(begun.headers.get('location') ?? '', identity)
  const response = await plainFetch(back, {
    redirect: 'manual',
    headers: { cookie: cookiesOf(begun), accept: 'application/json' },
  })
  const body = parse(await response.text())
  if (response.status !== 200) return null
  return {
    id: body.user_id === undefined ? null : Number(body.user_id),
    token: body.access_token === undefined ? null : String(body.access_token),
    mfaToken: body.mfa_token === undefined ? null : String(body.mfa_token),
  }
}

/** An identity that somebody who is signed in is about to add: all but the last step. */
export interface BegunLink {
  finish(): Promise<void>
}

export async function beginLink(token: string, identity: Identity): Promise<BegunLink | null> {
  const baseUrl = anyWorker()
  const begun = await plainFetch(`${baseUrl}/api/auth/identities/google`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  const body = parse(await begun.text())
  if (begun.status !== 200) return null
  const cookie = cookiesOf(begun)
  return {
    finish: async () => {
      const answer = await consent(String(body.authorization_url), identity)
      const done = await plainFetch(`${baseUrl}/api/auth/oidc/google/callback`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', origin: baseUrl },
        body: JSON.stringify({ code: answer.searchParams.get('code'), state: body.state }),
      })
      await done.text()
    },
  }
}
