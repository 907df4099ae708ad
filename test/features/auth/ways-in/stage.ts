import { afterAll, beforeAll } from 'vitest'
import { call } from '../../../support/stack.ts'
import type { OwnWorker } from '../../../support/worker-with.ts'
import {
  Browser,
  type Idp,
  namedProviders,
  type Script,
  startIdp,
  workerWith,
} from '../../sso/support.ts'

/** What the sequences are played on. */

let idp: Idp
export let worker: OwnWorker

export function setStage(): void {
  beforeAll(async () => {
    idp = await startIdp()
    worker = await workerWith({
      ...namedProviders(idp),
      FAILED_LOGIN_SECONDS: '0',
      MAILBOX_RATE_LIMIT: '1000/1h',
      MAX_LOGIN_ATTEMPTS: '1000',
      LOG_LEVEL: 'warn',
    })
  })
  afterAll(async () => {
    await worker?.close()
    await idp?.stop()
  })
}

export type Json = Record<string, unknown>

export const ask = (path: string, json?: Json, token?: string) =>
  call(path, {
    baseUrl: worker.url,
    ...(json && { json }),
    ...(token && { token }),
  })

let turn: Promise<unknown> = Promise.resolve()

/** The provider knows one person at a time: whoever signs in with it waits for their turn. */
function atProvider<Result>(
  identity: Partial<Script>,
  work: () => Promise<Result>,
): Promise<Result> {
  const mine = turn.then(() => {
    idp.next(identity)
    return work()
  })
  turn = mine.catch(() => undefined)
  return mine
}

/** @returns the id of who is signed in then; null: nobody */
export async function signInWith(identity: Partial<Script>) {
  const { status, body } = await atProvider(identity, () =>
    new Browser(worker.url).login('google', '', 'application/json'),
  )
  return status === 200 && body.access_token
    ? { id: Number(body.user_id), token: String(body.access_token) }
    : null
}

/** An identity that somebody who is signed in is about to add: all but the last step. */
export interface BegunLink {
  finish(): Promise<void>
}

export async function beginLink(
  token: string,
  identity: Partial<Script>,
): Promise<BegunLink | null> {
  const browser = new Browser(worker.url)
  const begun = await browser.api(
    '/api/auth/identities/google',
    {},
    { authorization: `Bearer ${token}` },
  )
  if (begun.status !== 200) return null
  return {
    finish: () =>
      atProvider(identity, async () => {
        const answer = await browser.consent(String(begun.body.authorization_url))
        const code = answer.searchParams.get('code')
        await browser.api('/api/auth/oidc/google/callback', { code, state: begun.body.state })
      }),
  }
}
