import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { acme, begun, people, setStage, subject, worker } from './attack-stage.ts'
import { Browser, freshSubject } from './support.ts'

setStage()

describe('the subject', () => {
  it('of another issuer is somebody else', async () => {
    const first = await new Browser(worker.url).login('google', '', 'application/json')
    const second = await new Browser(worker.url).login('acme', '', 'application/json')
    expect([first.status, second.status]).toEqual([200, 200])
    expect(first.body.user_id).not.toBe(second.body.user_id)
  })

  it('must be the same in the ID token and the user info', async () => {
    acme.next({ claims: { sub: subject }, userInfo: { sub: freshSubject() } })
    const { status, body } = await new Browser(worker.url).login('acme', '', 'application/json')
    expect([status, body.code]).toEqual([502, 'provider_failed'])
  })
})

describe('the ID token', () => {
  const now = Math.floor(Date.now() / 1000)
  const good = (nonce: string) => ({
    iss: acme.url,
    aud: 'acme-client',
    sub: subject,
    iat: now,
    exp: now + 600,
    nonce,
  })
  const ownKey = () => {
    const jwk = acme.server.issuer.keys.get()
    if (!jwk) throw new Error('the server has no key')
    return jwk
  }
  const sign = async (payload: object, key = ownKey() as Record<string, unknown>) =>
    new SignJWT(payload as Record<string, unknown>)
      .setProtectedHeader({ alg: 'RS256', kid: String(key.kid) })
      .sign(await importJWK(key as never, 'RS256'))

  /** Signs in while the token endpoint gives out this ID token. */
  async function loginWithToken(make: (nonce: string) => string | Promise<string> | undefined) {
    const flow = await begun()
    const token = await make(flow.nonce)
    acme.script.tokens = (body) => {
      if (token === undefined) delete body.id_token
      else body.id_token = token
    }
    const { code, state } = flow
    return flow.browser.api('/api/auth/oidc/acme/callback', { code, state })
  }

  it('is taken when all of it is right', async () => {
    const { body, status } = await loginWithToken((nonce) => sign(good(nonce)))
    expect([status, body.code]).toEqual([200, undefined])
  })

  const forgeries: Record<string, (nonce: string) => string | Promise<string> | undefined> = {
    'is absent': () => undefined,
    'is no token': () => 'abc.def.ghi',
    'is empty': () => '',
    'is of another issuer': (nonce) => sign({ ...good(nonce), iss: 'https://evil.example' }),
    'has no issuer': (nonce) => sign({ ...good(nonce), iss: undefined }),
    'is for another client': (nonce) => sign({ ...good(nonce), aud: 'other-client' }),
    'is for several, and another asked': (nonce) =>
      sign({ ...good(nonce), aud: ['acme-client', 'other'], azp: 'other' }),
    'has no audience': (nonce) => sign({ ...good(nonce), aud: undefined }),
    'has another nonce': () => sign(good('another')),
    'has no nonce': (nonce) => sign({ ...good(nonce), nonce: undefined }),
    'has expired': (nonce) => sign({ ...good(nonce), exp: now - 60 }),
    'never expires': (nonce) => sign({ ...good(nonce), exp: undefined }),
    'is not valid yet': (nonce) => sign({ ...good(nonce), nbf: now + 3600 }),
    'names nobody': (nonce) => sign({ ...good(nonce), sub: undefined }),
    'is signed with an unknown key': async (nonce) => {
      const { privateKey } = await generateKeyPair('RS256', { extractable: true })
      return sign(good(nonce), { ...(await exportJWK(privateKey)), kid: 'unknown' })
    },
    "is signed with another key under the provider's name": async (nonce) => {
      const { privateKey } = await generateKeyPair('RS256', { extractable: true })
      return sign(good(nonce), { ...(await exportJWK(privateKey)), kid: ownKey().kid })
    },
    'is not signed (alg: none)': (nonce) => new UnsecuredJWT(good(nonce)).encode(),
    'is signed with the public key as a shared secret': (nonce) =>
      new SignJWT(good(nonce))
        .setProtectedHeader({ alg: 'HS256', kid: ownKey().kid })
        .sign(new TextEncoder().encode(JSON.stringify(acme.server.issuer.keys.toJSON()[0]))),
    'is signed with the client secret': (nonce) =>
      new SignJWT(good(nonce))
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode('acme-secret')),
  }

  it.each(Object.keys(forgeries))('is refused when it %s', async (name) => {
    const before = await people()
    const { body } = await loginWithToken((nonce) => forgeries[name]?.(nonce))
    expect(body).toMatchObject({ status: 502, code: 'provider_failed' })
    expect(await people()).toBe(before)
  })
})
