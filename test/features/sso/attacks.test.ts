import { createHash, randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redis } from '../../support/redis.ts'
import { call, newPerson, sql } from '../../support/stack.ts'
import { HOSTILE_MODES, startHostileServer } from './hostile-server.ts'
import {
  Browser,
  freshEmail,
  freshSubject,
  type Idp,
  namedProviders,
  startIdp,
  workerWith,
} from './support.ts'

const FRONTEND = 'https://app.example.com'
const SECRET = 'a-secret-of-the-provider'

let idp: Idp
let acme: Idp
let hostile: Awaited<ReturnType<typeof startHostileServer>>
let worker: Awaited<ReturnType<typeof workerWith>>

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

let subject: string
beforeEach(() => {
  subject = freshSubject()
  const script = {
    claims: { sub: subject, preferred_username: `h${subject.slice(0, 12)}` },
    userInfo: { sub: subject },
  }
  idp.next(script)
  acme.next(script)
})

/** Every state and code that was given out. */
const given: string[] = []

const people = async () => Number((await sql`select count(*) as n from users`)[0]?.n)

/** Begins as a front end does, and brings back what the identity server sent. */
async function begun(provider = 'acme', browser = new Browser(worker.url), query = '') {
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

const refusal = { status: 400, code: 'login_expired' }

describe('the state', () => {
  it('is refused when nobody was given it', async () => {
    const { browser, code } = await begun()
    for (const state of ['fixed', 'a'.repeat(43), '../x', '*']) {
      const { body } = await browser.api('/api/auth/oidc/acme/callback', { code, state })
      expect(body).toMatchObject(refusal)
    }
    const { headers } = await browser.visit(`/oauth/acme/callback?code=${code}`)
    expect(headers.get('location')).toContain(`${FRONTEND}/?error=login_expired`)
    expect(await sql`select 1 from identities where subject = ${subject}`).toEqual([])
  })

  it('is good for one use, also of many at once', async () => {
    const { browser, code, state } = await begun()
    const cookie = [...browser.cookies()].map(([name, value]) => `${name}=${value}`).join('; ')
    const attempts = await Promise.all(
      Array.from({ length: 8 }, () =>
        call('/api/auth/oidc/acme/callback', {
          json: { code, state },
          headers: { cookie },
          baseUrl: worker.url,
        }),
      ),
    )
    expect(attempts.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(400)])
  })

  it('is spent by a failed attempt', async () => {
    const { browser, code, state } = await begun()
    const elsewhere = new Browser(worker.url)
    await elsewhere.api('/api/auth/oidc/acme/callback', { code, state })
    const { body } = await browser.api('/api/auth/oidc/acme/callback', { code, state })
    expect(body).toMatchObject(refusal)
  })

  it('ends with its ten minutes', async () => {
    const { browser, code, state } = await begun()
    const key = `state:login:${createHash('sha256').update(state).digest('hex')}`
    expect(await redis('TTL', key)).toBeGreaterThan(590)
    expect(await redis('TTL', key)).toBeLessThanOrEqual(600)
    const stored = JSON.parse(String(await redis('GET', key))) as { expiresAt: number }
    expect(JSON.stringify(stored)).not.toContain(state)
    await redis('SET', key, JSON.stringify({ ...stored, expiresAt: Date.now() - 1 }), 'EX', '60')
    const { body } = await browser.api('/api/auth/oidc/acme/callback', { code, state })
    expect(body).toMatchObject(refusal)
  })

  it('of one provider is refused at another', async () => {
    const { browser, code, state } = await begun('google')
    const { body } = await browser.api('/api/auth/oidc/acme/callback', { code, state })
    expect(body).toMatchObject(refusal)
    const begunAgain = await begun('acme')
    const { headers } = await begunAgain.browser.visit(
      `/api/auth/sso/callback?code=${begunAgain.code}&state=${begunAgain.state}`,
    )
    expect(headers.get('location')).toContain('error=login_expired')
  })
})

describe('another browser', () => {
  it('cannot end the flow by the redirect', async () => {
    const { code, state } = await begun()
    const victim = new Browser(worker.url)
    const { headers } = await victim.visit(`/oauth/acme/callback?code=${code}&state=${state}`)
    expect(headers.get('location')).toContain('error=login_expired')
    expect(victim.cookies().size).toBe(0)
  })

  it('cannot end it by its front end either, whoever began', async () => {
    const byBrowser = await begun()
    // The attacker's own program leaves out what a browser would send.
    const { body } = await call('/api/auth/oidc/acme/login', { baseUrl: worker.url })
    const answer = await new Browser(worker.url).consent(String(body.authorization_url))
    const byProgram = { state: String(body.state), code: String(answer.searchParams.get('code')) }
    for (const { code, state } of [byBrowser, byProgram]) {
      const victim = new Browser(worker.url)
      const done = await victim.api('/api/auth/oidc/acme/callback', { code, state })
      expect(done.body).toMatchObject(refusal)
    }
  })

  it('cannot end it with the cookie of a flow of its own', async () => {
    const { code, state } = await begun()
    const victim = (await begun()).browser
    const cookie = [...victim.cookies()].map(([name, value]) => `${name}=${value}`).join('; ')
    for (const headers of [{ cookie }, { cookie, origin: worker.url }] as Record<
      string,
      string
    >[]) {
      const { body } = await call('/api/auth/oidc/acme/callback', {
        json: { code, state },
        headers,
        baseUrl: worker.url,
      })
      expect(body).toMatchObject(refusal)
    }
  })

  it('cannot end by a program what a browser began', async () => {
    const { code, state } = await begun()
    const { body } = await call('/api/auth/oidc/acme/callback', {
      json: { code, state },
      baseUrl: worker.url,
    })
    expect(body).toMatchObject(refusal)
  })
})

describe('a client without cookies', () => {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const finish = (code: string, state: string, code_verifier?: string) =>
    new Browser(worker.url).api('/api/auth/oidc/acme/callback', { code, state, code_verifier })

  it('ends the flow with the secret that it has kept', async () => {
    const { code, state } = await begun('acme', undefined, `?code_challenge=${challenge}`)
    expect((await finish(code, state, verifier)).status).toBe(200)
  })

  it('is refused without it, with another, and by the redirect', async () => {
    for (const wrong of [undefined, randomBytes(32).toString('base64url'), challenge]) {
      const { code, state } = await begun('acme', undefined, `?code_challenge=${challenge}`)
      expect((await finish(code, state, wrong)).body).toMatchObject(refusal)
    }
    const { browser, code, state } = await begun('acme', undefined, `?code_challenge=${challenge}`)
    const { headers } = await browser.visit(`/oauth/acme/callback?code=${code}&state=${state}`)
    expect(headers.get('location')).toContain('error=login_expired')
  })
})

describe('the e-mail address', () => {
  const loginWith = async (claims: Record<string, unknown>) => {
    const sub = freshSubject()
    acme.next({ claims: { sub, ...claims }, userInfo: { sub } })
    const { body, status } = await new Browser(worker.url).login('acme', '', 'application/json')
    expect(status).toBe(200)
    return body as unknown as {
      user_id: number
      user: { email: string | null; is_verified: boolean }
    }
  }

  it.each([[false], [undefined], ['true'], [1], [null]])(
    'opens nothing when email_verified is %j',
    async (email_verified) => {
      const owner = await newPerson(worker.url)
      await sql`update users set email_verified_at = now() where id = ${owner.id}`
      const { user_id, user } = await loginWith({ email: owner.email, email_verified })
      expect(user_id).not.toBe(owner.id)
      expect(user).toMatchObject({ email: null, is_verified: false })
    },
  )

  it('opens the account of whoever has verified it, too', async () => {
    const owner = await newPerson(worker.url)
    await sql`update users set email_verified_at = now() where id = ${owner.id}`
    const { user_id } = await loginWith({ email: owner.email.toUpperCase(), email_verified: true })
    expect(user_id).toBe(owner.id)
  })

  it('of an account that never proved it captures nobody', async () => {
    const squatter = await newPerson(worker.url)
    const owner = await loginWith({ email: squatter.email, email_verified: true })
    expect(owner.user_id).not.toBe(squatter.id)
    expect(owner.user).toMatchObject({ email: squatter.email, is_verified: true })
    // Nor does the squatter get in by it, or lose what is theirs but the right to confirm it.
    const { body } = await call('/api/auth/me', { token: squatter.token, baseUrl: worker.url })
    expect(body).toMatchObject({ id: squatter.id, email: squatter.email, is_verified: false })
  })

  it('verified in one place and named in another proves nothing', async () => {
    const owner = await newPerson(worker.url)
    await sql`update users set email_verified_at = now() where id = ${owner.id}`
    for (const [claims, userInfo] of [
      [{ email: owner.email }, { email: freshEmail(), email_verified: true }],
      [{ email: owner.email }, { email: owner.email, email_verified: true }],
      [{ email_verified: true }, { email: owner.email }],
    ]) {
      const sub = freshSubject()
      acme.next({ claims: { sub, ...claims }, userInfo: { sub, ...userInfo } })
      const { body } = await new Browser(worker.url).login('acme', '', 'application/json')
      expect(body.user_id).not.toBe(owner.id)
    }
  })
})

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

describe('a hostile token endpoint', () => {
  it.each(HOSTILE_MODES)('(%s) leaves an error and nothing else', async (mode) => {
    const { browser, code, state } = await begun(`bad-${mode}`)
    const startedAt = performance.now()
    const { status, body } = await browser.api(`/api/auth/oidc/bad-${mode}/callback`, {
      code,
      state,
    })
    expect([status, body.code]).toEqual([502, 'provider_failed'])
    expect(JSON.stringify(body)).not.toContain(SECRET)
    expect(performance.now() - startedAt).toBeLessThan(4_000)
    expect(hostile.paths).toContain(mode)
    expect(hostile.paths).not.toContain('followed')
  })
})

describe('an open redirect', () => {
  it.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/%2Fevil.example',
    '/%5Cevil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    'https://evil.example',
    'https://app.example.com.evil.example',
    'https://app.example.com@evil.example',
    'https://app.example.com:444/',
    'http://app.example.com/',
    'https:/evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '',
  ])('to %j is refused', async (target) => {
    const query = `?return_to=${encodeURIComponent(target)}`
    const { body } = await call(`/api/auth/oidc/acme/login${query}`, { baseUrl: worker.url })
    expect(body).toMatchObject({ status: 400, code: 'invalid_request' })
    const { status, headers } = await new Browser(worker.url).visit(`/oauth/acme/login${query}`)
    expect([status, new URL(headers.get('location') ?? '').origin]).toEqual([303, FRONTEND])
  })
})
