import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { sql } from '../../support/stack.ts'
import { HOSTILE_MODES, startHostileServer } from './hostile-server.ts'
import { Browser, freshSubject, type Idp, namedProviders, startIdp, workerWith } from './support.ts'

/** Where the attacks on signing in through a provider take place; a test file calls `setStage` first. */

export const FRONTEND = 'https://app.example.com'
export const SECRET = 'a-secret-of-the-provider'

export let idp: Idp
export let acme: Idp
export let hostile: Awaited<ReturnType<typeof startHostileServer>>
export let worker: Awaited<ReturnType<typeof workerWith>>

export let subject: string
/** Every state and code that was given out. */
const given: string[] = []

export const people = async () => Number((await sql`select count(*) as n from users`)[0]?.n)

/** Begins as a front end does, and brings back what the identity server sent. */
export async function begun(provider = 'acme', browser = new Browser(worker.url), query = '') {
  const { body } = await browser.api(`/api/auth/oidc/${provider}/login${query}`)
  const authorize = new URL(String(body.authorization_url))
  const answer = await browser.consent(authorize.href)
  given.push(String(body.state), String(answer.searchParams.get('code')))
  return {
    browser,
    state: String(body.state),
    code: String(answer.searchParams.get('code')),
    nonce: String(authorize.searchParams.get('nonce')),
  }
}

export const refusal = { status: 400, code: 'login_expired' }

/** Registers what happens before and after the tests of a file. */
export function setStage(): void {
  beforeAll(async () => {
    idp = await startIdp()
    acme = await startIdp()
    hostile = await startHostileServer(SECRET)
    const bad = HOSTILE_MODES.map((mode) => `bad-${mode}`)
    worker = await workerWith({
      ...namedProviders(idp),
      OIDC_PROVIDERS: ['acme', ...bad].join(','),
      OIDC_ACME_ISSUER: acme.url,
      OIDC_ACME_CLIENT_ID: 'acme-client',
      OIDC_ACME_CLIENT_SECRET: 'acme-secret',
      ...Object.fromEntries(
        HOSTILE_MODES.flatMap((mode) => {
          const prefix = `OIDC_BAD_${mode.toUpperCase()}`
          return [
            [`${prefix}_ISSUER`, acme.url],
            [`${prefix}_CLIENT_ID`, 'client'],
            [`${prefix}_CLIENT_SECRET`, 'secret'],
            [`${prefix}_TOKEN_ENDPOINT`, `${hostile.url}/${mode}`],
          ]
        }),
      ),
      FRONTEND_URL: FRONTEND,
      LOGIN_PROVIDER_TIMEOUT_SECONDS: '2',
    })
  })
  afterAll(async () => {
    // Whatever was tried: nothing that opens anything, and nothing a provider wrote, is in the log.
    const log = worker?.logs.join('\n') ?? ''
    for (const secret of [SECRET, 'acme-secret', 'google-secret', ...given]) {
      expect(log.includes(secret), secret).toBe(false)
    }
    await worker?.close()
    await Promise.all([idp?.stop(), acme?.stop(), hostile?.stop()])
  })
  beforeEach(() => {
    subject = freshSubject()
    const script = {
      claims: { sub: subject, preferred_username: `h${subject.slice(0, 12)}` },
      userInfo: { sub: subject },
    }
    idp.next(script)
    acme.next(script)
  })
}
