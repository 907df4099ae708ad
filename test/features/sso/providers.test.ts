import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, sql } from '../../support/stack.ts'
import {
  Browser,
  freshEmail,
  freshSubject,
  type Idp,
  namedProviders,
  type Script,
  startIdp,
  workerWith,
} from './support.ts'

const FRONTEND = 'https://app.example.com'

let idp: Idp
let acme: Idp
let worker: Awaited<ReturnType<typeof workerWith>>

beforeAll(async () => {
  idp = await startIdp()
  acme = await startIdp()
  worker = await workerWith({
    ...namedProviders(idp),
    OIDC_PROVIDERS: 'acme',
    OIDC_ACME_ISSUER: acme.url,
    OIDC_ACME_CLIENT_ID: 'acme-client',
    OIDC_ACME_CLIENT_SECRET: 'acme-secret',
    OIDC_ACME_NAME: 'Acme',
    OIDC_ACME_TRUST_LEVEL_CLAIM: 'level',
    FRONTEND_URL: FRONTEND,
    CORS_ORIGINS: 'https://spa.example.org',
  })
})
afterAll(async () => {
  await worker?.close()
  await idp?.stop()
  await acme?.stop()
})

interface Shape {
  provider: string
  server: () => Idp
  /** What the provider says about somebody. */
  script: (handle: string, email: string, avatar: string) => Script
  issuer: () => string
  isEmailVerified: boolean
  trustLevel: number
  usesPkce: boolean
  clientAuth: 'basic' | 'post'
}

const oidcScript = (handle: string, email: string, avatar: string): Script => {
  const sub = freshSubject()
  return {
    claims: { sub, preferred_username: handle, email, email_verified: true },
    userInfo: { sub, picture: avatar, level: 2 },
  }
}

const SHAPES: Shape[] = [
  {
    provider: 'linuxdo',
    server: () => idp,
    script: (handle, _email, avatar) => ({
      claims: {},
      userInfo: {
        id: randomInt(2 ** 40),
        username: handle,
        avatar_url: avatar,
        trust_level: 3,
        active: true,
        silenced: false,
      },
    }),
    issuer: () => 'https://oauth.example',
    isEmailVerified: false,
    trustLevel: 3,
    usesPkce: false,
    clientAuth: 'basic',
  },
  {
    provider: 'github',
    server: () => idp,
    script: (handle, email, avatar) => ({
      claims: {},
      userInfo: { id: randomInt(2 ** 40), login: handle, avatar_url: avatar, email: 'other@x.org' },
      emails: [
        { email: 'second@example.com', primary: false, verified: true },
        { email, primary: true, verified: true },
      ],
    }),
    issuer: () => 'https://github.example',
    isEmailVerified: true,
    trustLevel: 0,
    usesPkce: true,
    clientAuth: 'post',
  },
  {
    provider: 'google',
    server: () => idp,
    script: oidcScript,
    issuer: () => idp.url,
    isEmailVerified: true,
    trustLevel: 0,
    usesPkce: true,
    clientAuth: 'basic',
  },
  {
    provider: 'facebook',
    server: () => idp,
    script: (handle, email, avatar) => ({
      claims: {},
      userInfo: {
        id: String(randomInt(2 ** 40)),
        name: handle,
        email,
        picture: { data: { url: avatar } },
      },
    }),
    issuer: () => 'https://facebook.example',
    isEmailVerified: false,
    trustLevel: 0,
    usesPkce: false,
    clientAuth: 'post',
  },
  {
    provider: 'acme',
    server: () => acme,
    script: oidcScript,
    issuer: () => acme.url,
    isEmailVerified: true,
    trustLevel: 2,
    usesPkce: true,
    clientAuth: 'basic',
  },
]

describe.each(SHAPES)('$provider', (shape) => {
  const { provider } = shape
  const handle = () => `h${freshSubject().slice(0, 12)}`

  it('registers at first sight and knows the person later, through redirects', async () => {
    const server = shape.server()
    const [name, email] = [handle(), freshEmail()]
    const avatar = `https://pictures.example/${name}.png`
    server.next(shape.script(name, email, avatar))
    const browser = new Browser(worker.url)

    const begun = await browser.visit(`/oauth/${provider}/login`)
    expect(begun.status).toBe(303)
    const authorize = new URL(begun.headers.get('location') ?? '')
    expect(authorize.searchParams.get('redirect_uri')).toBe(
      `${worker.url}/oauth/${provider}/callback`,
    )
    expect(authorize.searchParams.get('code_challenge_method')).toBe(shape.usesPkce ? 'S256' : null)
    expect(begun.headers.getSetCookie().join()).toMatch(/^login-\w+=.*HttpOnly; SameSite=Lax/)

    const done = await browser.visit((await browser.consent(authorize.href)).href)
    expect([done.status, done.headers.get('location')]).toEqual([303, FRONTEND])
    expect([...browser.cookies().keys()].filter((key) => key.startsWith('login-'))).toEqual([])
    const refreshToken = browser.cookies().get('refresh_token')
    expect(refreshToken).toMatch(/^ey/)
    const claims = JSON.parse(atob((refreshToken ?? '').split('.')[1] ?? ''))

    const exchange = server.calls.findLast((entry) => entry.path === '/token')
    expect(exchange?.authorization?.startsWith('Basic ') ?? false).toBe(
      shape.clientAuth === 'basic',
    )
    const [user] = await sql`select * from users where id = ${Number(claims.sub)}`
    expect(user).toMatchObject({
      username: name,
      email: shape.isEmailVerified ? email : null,
      avatar_url: avatar,
      trust_level: shape.trustLevel,
      password_hash: null,
      is_silenced: false,
    })
    expect(user?.email_verified_at !== null).toBe(shape.isEmailVerified)
    const [identity] = await sql`select * from identities where user_id = ${user?.id}`
    expect(identity).toMatchObject({ provider, issuer: shape.issuer(), username: name })
    expect(identity?.access_token_ciphertext).toMatch(/^v1\./)

    // The same person again, with another handle and picture: the same account, the new picture.
    const { script } = server
    const picture = `https://pictures.example/${name}-2.png`
    const rewrite = (from: object) =>
      JSON.parse(JSON.stringify(from).replaceAll(avatar, picture)) as Record<string, unknown>
    server.next({ ...script, userInfo: rewrite(script.userInfo) })
    const again = await new Browser(worker.url).login(provider, '', 'application/json')
    expect(again.status).toBe(200)
    expect(again.body).toMatchObject({
      user_id: user?.id,
      token_type: 'bearer',
      user: { username: name, avatar_url: picture },
    })
  })

  it('signs in a single-page app that brings the code as JSON', async () => {
    const server = shape.server()
    const name = handle()
    server.next(shape.script(name, freshEmail(), 'https://pictures.example/a.png'))
    const browser = new Browser(worker.url)
    const begun = await browser.api(`/api/auth/oidc/${provider}/login`)
    expect(begun.status).toBe(200)
    const answer = await browser.consent(String(begun.body.authorization_url))
    expect(answer.searchParams.get('state')).toBe(begun.body.state)
    const done = await browser.api(`/api/auth/oidc/${provider}/callback`, {
      code: answer.searchParams.get('code'),
      state: begun.body.state,
    })
    expect(done.status).toBe(200)
    expect(done.body).toMatchObject({ username: name, token_type: 'bearer' })
    const me = await call('/api/auth/me', {
      token: String(done.body.access_token),
      baseUrl: worker.url,
    })
    expect(me.body).toMatchObject({ username: name, trust_level: shape.trustLevel })
  })

  it('says so when the person declines', async () => {
    const browser = new Browser(worker.url)
    const { headers } = await browser.visit(`/oauth/${provider}/login`)
    const state = new URL(headers.get('location') ?? '').searchParams.get('state')
    const done = await browser.visit(
      `/oauth/${provider}/callback?error=access_denied&error_description=no&state=${state}`,
    )
    const target = new URL(done.headers.get('location') ?? '')
    expect([done.status, target.origin]).toEqual([303, FRONTEND])
    expect(target.searchParams.get('error')).toBe('login_denied')
    expect(target.searchParams.get('error_description')).toMatch(/^You have not allowed /)
  })
})

describe('the list of providers', () => {
  it('shows what is configured', async () => {
    const { body } = await call<{ providers: { id: string; name: string }[] }>(
      '/api/auth/oidc/providers',
      { baseUrl: worker.url },
    )
    expect(body.providers.map(({ id }) => id)).toEqual([
      'linuxdo',
      'github',
      'google',
      'facebook',
      'acme',
    ])
    expect(body.providers[4]).toEqual({
      id: 'acme',
      name: 'Acme',
      type: 'oidc',
      description: 'Sign in with an OpenID Connect account.',
      enabled: true,
      supports_refresh: true,
      login_url: '/oauth/acme/login',
    })
  })

  it('is empty where none is configured, and their addresses say so', async () => {
    expect((await call('/api/auth/oidc/providers')).body).toEqual({ providers: [] })
    for (const path of [
      '/api/auth/sso/initiate',
      '/api/auth/github/login',
      '/oauth/google/login',
      '/oauth/token/login',
    ]) {
      expect((await call(path)).body).toMatchObject({
        status: 404,
        code: 'provider_not_configured',
      })
    }
  })
})
