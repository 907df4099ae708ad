import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { call } from '../../support/stack.ts'
import { googleUser, idp, setStage, worker } from './identity-stage.ts'
import { Browser, freshEmail, freshSubject } from './support.ts'

setStage()

describe('POST /auth/oauth/{provider}', () => {
  const exchange = (provider: string, json: object) =>
    call(`/auth/oauth/${provider}`, { json, baseUrl: worker.url })

  const idToken = (claims: Record<string, unknown>) =>
    idp.server.issuer.buildToken({
      expiresIn: 600,
      scopesOrTransform: (_header, payload) => {
        Object.assign(payload, { aud: 'google-client', ...claims })
      },
    })

  it('takes an ID token that was made for us, once', async () => {
    const email = freshEmail()
    const token = await idToken({ sub: freshSubject(), email, email_verified: true })
    const { status, body } = await exchange('google', { id_token: token })
    expect(status).toBe(200)
    expect(body).toMatchObject({ user: { email, is_verified: true }, token_type: 'bearer' })
    expect((await exchange('google', { id_token: token })).body).toMatchObject({
      status: 401,
      code: 'invalid_credentials',
    })
  })

  it('does not take it again in another spelling of its signature', async () => {
    const token = await idToken({ sub: freshSubject() })
    expect((await exchange('google', { id_token: token })).status).toBe(200)
    // The last character holds bits that no decoder looks at.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(token.at(-1) ?? '')
    for (const bits of [1, 2, 3]) {
      const respelled = token.slice(0, -1) + alphabet[last ^ bits]
      for (const spelling of [respelled, `${token}=`])
        expect((await exchange('google', { id_token: spelling })).status).toBe(401)
    }
  })

  it('takes no first token in another spelling either', async () => {
    const token = await idToken({ sub: freshSubject() })
    expect((await exchange('google', { id_token: `${token}=` })).status).toBe(401)
    expect((await exchange('google', { id_token: token })).status).toBe(200)
  })

  it.each([
    ['for another application', { aud: 'other-client' }],
    ['by another issuer', { iss: 'https://evil.example' }],
    ['with a nonce that is not told', { nonce: 'n' }],
    ['that has expired', { exp: 1_700_000_000 }],
  ])('refuses an ID token %s', async (_case, claims) => {
    const token = await idToken({ sub: freshSubject(), ...claims })
    expect((await exchange('google', { id_token: token })).body).toMatchObject({
      status: 401,
      code: 'invalid_credentials',
    })
  })

  it('takes an access token only if the provider says that it was made for us', async () => {
    for (const [provider, ours, foreign] of [
      ['github', { app: { client_id: 'github-client' } }, { app: { client_id: 'evil' } }],
      [
        'facebook',
        { data: { app_id: 'facebook-client', is_valid: true } },
        { data: { app_id: 'evil', is_valid: true } },
      ],
    ] as const) {
      const user = { userInfo: { id: randomInt(2 ** 40) } }
      idp.next({ ...user, tokenCheck: ours })
      expect((await exchange(provider, { access_token: 'their-token' })).status).toBe(200)
      for (const tokenCheck of [foreign, {}, null, { data: { app_id: 'facebook-client' } }]) {
        idp.next({ ...user, tokenCheck })
        expect((await exchange(provider, { access_token: 'their-token' })).body).toMatchObject({
          status: 401,
          code: 'invalid_credentials',
        })
      }
    }
    expect((await exchange('linuxdo', { access_token: 't' })).body).toMatchObject({ status: 400 })
    expect((await exchange('google', { access_token: 't' })).body).toMatchObject({ status: 400 })
    expect((await exchange('github', { id_token: 't' })).body).toMatchObject({ status: 400 })
    expect(worker.logs.join()).not.toContain('their-token')
  })

  it('takes a code with its state', async () => {
    idp.next(googleUser())
    const browser = new Browser(worker.url)
    const begun = await browser.api('/api/auth/oidc/google/login')
    const answer = await browser.consent(String(begun.body.authorization_url))
    const code = answer.searchParams.get('code')
    expect((await exchange('google', { code })).status).toBe(422)
    const done = await browser.api('/auth/oauth/google', { code, state: begun.body.state })
    expect(done.status).toBe(200)
  })

  it.each([[{}], [{ code: 1 }], [[]], [{ id_token: '' }], [{ state: 's' }]])(
    'refuses %j',
    async (json) => {
      expect((await exchange('google', json)).status).toBe(422)
    },
  )
})
