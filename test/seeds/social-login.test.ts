import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  Browser,
  freshEmail,
  freshSubject,
  type Idp,
  startIdp,
  workerWith,
} from '../features/sso/support.ts'
import { call } from '../support/stack.ts'

/** The social-login examples of the founding documents, with the settings that they name. */

const FRONTEND = 'http://localhost:3000'

let idp: Idp
let worker: Awaited<ReturnType<typeof workerWith>>

beforeAll(async () => {
  idp = await startIdp()
  const endpoints = (prefix: string) => ({
    [`${prefix}_AUTHORIZATION_ENDPOINT`]: `${idp.url}/authorize`,
    [`${prefix}_TOKEN_ENDPOINT`]: `${idp.url}/token`,
    [`${prefix}_USER_INFO_ENDPOINT`]: `${idp.url}/userinfo`,
  })
  worker = await workerWith({
    // Document 000, whose front end takes GitHub's answer by itself.
    OAUTH_CLIENT_ID: 'linuxdo-client',
    OAUTH_CLIENT_SECRET: 'linuxdo-secret',
    OAUTH_REDIRECT_URI: 'http://localhost:8008/api/auth/sso/callback',
    ...endpoints('OAUTH'),
    GITHUB_CLIENT_ID: 'github-client',
    GITHUB_CLIENT_SECRET: 'github-secret',
    GITHUB_REDIRECT_URI: `${FRONTEND}/api/auth/github/callback`,
    GITHUB_ISSUER: 'https://github.com',
    ...endpoints('GITHUB'),
    GITHUB_EMAILS_ENDPOINT: `${idp.url}/user/emails`,
    // Documents 001 and 002.
    GOOGLE_CLIENT_ID: 'google-client',
    GOOGLE_CLIENT_SECRET: 'google-secret',
    GOOGLE_ISSUER: idp.url,
    FACEBOOK_CLIENT_ID: 'facebook-client',
    FACEBOOK_CLIENT_SECRET: 'facebook-secret',
    FACEBOOK_ISSUER: 'https://www.facebook.com',
    ...endpoints('FACEBOOK'),
    FACEBOOK_TOKEN_CHECK_ENDPOINT: `${idp.url}/debug_token`,
    FRONTEND_URL: FRONTEND,
  })
})
afterAll(async () => {
  await worker?.close()
  await idp?.stop()
})

const numericUser = (facts: Record<string, unknown> = {}) => ({
  userInfo: { id: randomInt(2 ** 40), ...facts },
})
const googleUser = () => {
  const sub = freshSubject()
  return { claims: { sub, email: freshEmail(), email_verified: true }, userInfo: { sub } }
}

const loginAnswer = {
  access_token: expect.stringMatching(/^ey/),
  refresh_token: expect.stringMatching(/^ey/),
  token_type: 'bearer',
  expires_in: 86_400,
}

describe('document 000', () => {
  it('OAuth SSO: initiate, visit the address, and the callback completes the login', async () => {
    const username = `h${freshSubject().slice(0, 12)}`
    idp.next(
      numericUser({
        username,
        avatar_url: 'https://example.com/avatar.jpg',
        trust_level: 1,
        active: true,
        silenced: false,
      }),
    )
    const browser = new Browser(worker.url)
    const { body, status } = await browser.api('/api/auth/sso/initiate')
    expect(status).toBe(200)
    expect(body).toEqual({ authorization_url: expect.any(String), state: expect.any(String) })
    const callback = await browser.consent(String(body.authorization_url))
    expect(callback.origin + callback.pathname).toBe('http://localhost:8008/api/auth/sso/callback')
    const done = await browser.visit(callback.pathname + callback.search, 'application/json')
    expect(done.body).toMatchObject({
      ...loginAnswer,
      user: {
        username,
        avatar_url: 'https://example.com/avatar.jpg',
        trust_level: 1,
        is_active: true,
        is_silenced: false,
      },
    })
  })

  it('GitHub: curl gets the address and the front end hands the code in', async () => {
    const login = `h${freshSubject().slice(0, 12)}`
    idp.next(numericUser({ login }))
    // curl keeps no cookies and says nothing about where a call comes from.
    const { body } = await call('/api/auth/github/login', { baseUrl: worker.url })
    const callback = await new Browser(worker.url).consent(String(body.authorization_url))
    expect(callback.href).toContain(`${FRONTEND}/api/auth/github/callback?`)
    const json = { code: callback.searchParams.get('code'), state: body.state }
    const done = await call('/api/auth/github/callback', { json, baseUrl: worker.url })
    expect(done.status).toBe(200)
    expect(done.body).toMatchObject({ ...loginAnswer, user: { username: login } })

    const me = await call('/api/auth/me', {
      token: String(done.body.access_token),
      baseUrl: worker.url,
    })
    expect(me.body).toMatchObject({ username: login })
  })
})

describe('document 001', () => {
  it.each(['google', 'github'])(
    '/oauth/%s/login redirects, and its callback signs in',
    async (id) => {
      idp.next(id === 'google' ? googleUser() : numericUser({ login: 'octocat' }))
      const browser = new Browser(worker.url)
      const begun = await browser.visit(`/oauth/${id}/login`)
      expect([302, 303]).toContain(begun.status)
      const authorize = begun.headers.get('location') ?? ''
      expect(authorize.startsWith(`${idp.url}/authorize?`)).toBe(true)
      const { search } = await browser.consent(authorize)
      const done = await browser.visit(`/oauth/${id}/callback${search}`)
      expect([done.status, done.headers.get('location')]).toEqual([303, FRONTEND])
      // The front end exchanges the cookie for an access token; no token stands in an address.
      expect(browser.cookies().get('refresh_token')).toMatch(/^ey/)
    },
  )
})

describe('document 002', () => {
  it('POST /auth/oauth/{provider} takes a code', async () => {
    for (const [id, user] of [
      ['google', googleUser()],
      ['facebook', numericUser({ name: 'Ada Lovelace' })],
      ['github', numericUser({ login: 'octocat' })],
    ] as const) {
      idp.next(user)
      const begun = await call(`/auth/oidc/${id}/login`, { baseUrl: worker.url })
      const answer = await new Browser(worker.url).consent(String(begun.body.authorization_url))
      const json = { code: answer.searchParams.get('code'), state: begun.body.state }
      const done = await call(`/auth/oauth/${id}`, { json, baseUrl: worker.url })
      expect(done.body).toMatchObject(loginAnswer)
    }
  })

  it("POST /auth/oauth/{provider} takes a provider's token", async () => {
    const tokenCheck = { data: { app_id: 'facebook-client', is_valid: true } }
    idp.next({ ...numericUser({ name: 'Grace Hopper' }), tokenCheck })
    const done = await call('/auth/oauth/facebook', {
      json: { access_token: 'from-the-facebook-sdk' },
      baseUrl: worker.url,
    })
    expect(done.body).toMatchObject({
      ...loginAnswer,
      username: expect.stringMatching(/^Grace-Hopper/),
    })
  })
})
