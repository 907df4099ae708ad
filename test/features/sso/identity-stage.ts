import { randomInt } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { call } from '../../support/stack.ts'
import { Browser, freshSubject, type Idp, namedProviders, startIdp, workerWith } from './support.ts'

/** Servers and people for tests of identities; a test file calls `setStage` first. */

export let idp: Idp
export let worker: Awaited<ReturnType<typeof workerWith>>
export let closed: Awaited<ReturnType<typeof workerWith>>

interface IdentityList {
  identities: { id: number; provider: string; email: string | null; username: string | null }[]
}
export interface SignedIn {
  user_id: number
  access_token: string
  username: string
}

export const linuxdoUser = (facts: Record<string, unknown> = {}) => ({
  claims: {},
  userInfo: { id: randomInt(2 ** 40), username: `h${freshSubject().slice(0, 12)}`, ...facts },
})
export const googleUser = (facts: Record<string, unknown> = {}) => {
  const sub = freshSubject()
  return { claims: { sub, ...facts }, userInfo: { sub } }
}

export async function login(provider: string, baseUrl = worker.url): Promise<SignedIn> {
  const { body, status } = await new Browser(baseUrl).login(provider, '', 'application/json')
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body as unknown as SignedIn
}

export const identitiesOf = async (token: string) =>
  (await call<IdentityList>('/api/auth/identities', { token, baseUrl: worker.url })).body.identities

/** Adds an identity as somebody's front end does. */
export async function link(token: string, provider: string) {
  const browser = new Browser(worker.url)
  const bearer = { authorization: `Bearer ${token}` }
  const begun = await browser.api(`/api/auth/identities/${provider}`, {}, bearer)
  const answer = await browser.consent(String(begun.body.authorization_url))
  return browser.api(`/api/auth/oidc/${provider}/callback`, {
    code: answer.searchParams.get('code'),
    state: begun.body.state,
  })
}

export const remove = (token: string, id: number) =>
  call(`/api/auth/identities/${id}`, { method: 'DELETE', token, baseUrl: worker.url })

/** Registers what happens before and after the tests of a file. */
export function setStage(): void {
  beforeAll(async () => {
    idp = await startIdp()
    worker = await workerWith(namedProviders(idp))
    closed = await workerWith({ ...namedProviders(idp), ALLOW_REGISTRATION: 'false' })
  })
  afterAll(async () => {
    await worker?.close()
    await closed?.close()
    await idp?.stop()
  })
}
