import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changePerson } from '../support/admin.ts'
import { letLeewayPass } from '../support/redis.ts'
import { call, newPerson, sql } from '../support/stack.ts'
import { type OwnWorker, workerWith } from '../support/worker-with.ts'

/** The examples of the requirement documents that are about signing in and out, as they stand there. */

interface Login {
  access_token: string
  refresh_token: string
}

const newName = () => `u${randomUUID().slice(0, 13)}`

describe('000 shared account management', () => {
  it('traditional login answers as documented', async () => {
    const { username, password, id } = await newPerson()
    const { status, body } = await call('/api/auth/login', { json: { username, password } })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^eyJ/),
      token_type: 'bearer',
      expires_in: 86_400,
      user: { id, username, avatar_url: null, trust_level: 0, is_active: true, is_silenced: false },
    })
  })

  it('refresh answers as documented, and the old token becomes invalid', async () => {
    const { id, refreshToken } = await newPerson()
    const { status, body } = await call('/api/auth/refresh', {
      json: { refresh_token: refreshToken },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^eyJ/),
      token_type: 'bearer',
      expires_in: 86_400,
    })
    const refresh = () => call('/api/auth/refresh', { json: { refresh_token: refreshToken } })
    // Two calls of a front end that meet the expiry at once get one and the same pair.
    expect((await refresh()).body.refresh_token).toBe(body.refresh_token)
    await letLeewayPass(id)
    expect((await refresh()).status).toBe(401)
  })

  it('the seamless refresh of the Axios example works', async () => {
    const { token, refreshToken } = await newPerson()
    await call('/api/auth/logout-all', { method: 'POST', token })
    expect((await call('/api/auth/me', { token })).status).toBe(401)
    // The session is gone, so that the interceptor sends the person to the login page.
    const refused = await call('/api/auth/refresh', { json: { refresh_token: refreshToken } })
    expect(refused.status).toBe(401)
  })

  it('logout of the current device and of all devices', async () => {
    const { token, refreshToken, ...person } = await newPerson()
    const out = await call('/api/auth/logout', { token, json: { refresh_token: refreshToken } })
    expect(out.status).toBe(200)
    expect((await call('/api/auth/me', { token })).status).toBe(401)
    const { body } = await call<Login>('/api/auth/login', { json: person })
    const all = await call('/api/auth/logout-all', { method: 'POST', token: body.access_token })
    expect(all.status).toBe(200)
    expect((await call('/api/auth/me', { token: body.access_token })).status).toBe(401)
  })
})

describe('001 user auth', () => {
  const email = `${newName()}@optima.ai`
  const password = `pw-${randomUUID()}`
  let tokens: Login

  beforeAll(async () => {
    const registered = await call('/auth/register', {
      json: { email, password, username: newName() },
    })
    expect(registered.status).toBe(201)
    tokens = (await call<Login>('/auth/login', { json: { email, password } })).body
  })

  it('login by e-mail address, with the documented lifetime', async () => {
    await using worker = await workerWith({ ACCESS_TOKEN_EXPIRE_MINUTES: '30' })
    const { body } = await call('/auth/login', { json: { email, password }, baseUrl: worker.url })
    expect(body).toMatchObject({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^eyJ/),
      token_type: 'bearer',
      expires_in: 1_800,
    })
  })

  it('an API key with scopes reads its owner', async () => {
    const created = await call<{ key: string; scopes: string[] }>('/users/api-keys', {
      token: tokens.access_token,
      json: { name: 'My Service', scopes: ['read:users', 'write:users'] },
    })
    expect(created).toMatchObject({
      status: 201,
      body: { name: 'My Service', scopes: ['read:users', 'write:users'] },
    })
    const me = await call('/users/me', { headers: { 'x-api-key': created.body.key } })
    expect(me).toMatchObject({ status: 200, body: { email } })
    const models = await call('/v1/models', { headers: { 'x-api-key': created.body.key } })
    expect(models.status).toBe(403)
  })

  it('refresh and logout', async () => {
    const { body } = await call<Login>('/auth/refresh', {
      json: { refresh_token: tokens.refresh_token },
    })
    const out = await call('/auth/logout', { method: 'POST', token: body.access_token })
    expect(out.status).toBe(200)
  })

  it('says what users know from the troubleshooting section', async () => {
    for (const authorization of ['Bearer nonsense', `Bearer ${tokens.access_token}x`]) {
      const { status, body } = await call('/users/me', { headers: { authorization } })
      expect(status).toBe(401)
      expect(body.detail).toMatch(/^Could not validate credentials/)
    }
  })
})

describe('002 JWT auth server', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await workerWith({
      RESPONSE_FORMAT: 'envelope',
      REFRESH_TOKEN_TRANSPORT: 'cookie',
      ACCESS_TOKEN_EXPIRE_MINUTES: '30',
      CORS_ORIGINS: 'http://localhost:3000',
    })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  interface Envelope<Data> {
    success: boolean
    status_code: number
    message: string
    data: Data
    timestamp: string
  }

  async function signUpAndIn() {
    const { url: baseUrl } = worker
    const account = {
      email: `${newName()}@example.com`,
      username: newName(),
      password: `pw-${randomUUID()}`,
    }
    const registered = await call<Envelope<object>>('/auth/register', { json: account, baseUrl })
    expect(registered.body).toMatchObject({ success: true, status_code: 201 })
    const { email, password } = account
    return call<Envelope<Login>>('/auth/login', { json: { email, password }, baseUrl })
  }

  it('registers, logs in and reads me in the unified format', async () => {
    const login = await signUpAndIn()
    expect(login.body).toEqual({
      success: true,
      status_code: 200,
      message: expect.any(String),
      data: expect.objectContaining({ access_token: expect.stringMatching(/^eyJ/) }),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
    const me = await call<Envelope<{ email: string }>>('/auth/me', {
      token: login.body.data.access_token,
      baseUrl: worker.url,
    })
    expect(me.body).toMatchObject({ success: true, data: { email: expect.any(String) } })
  })

  it('sets the cookie as its security section says', async () => {
    const login = await signUpAndIn()
    expect(login.body.data.refresh_token).toBeUndefined()
    const parts = (login.headers.getSetCookie()[0] ?? '').split('; ')
    expect(parts[0]).toMatch(/^refresh_token=eyJ/)
    for (const part of ['HttpOnly', 'Secure', 'SameSite=Lax', `Max-Age=${7 * 24 * 60 * 60}`])
      expect(parts).toContain(part)
  })

  it('refreshes as curl and as the token manager do', async () => {
    const login = await signUpAndIn()
    const token = login.headers.getSetCookie()[0]?.match(/refresh_token=([^;]+)/)?.[1]
    const curl = await call<Envelope<Login>>('/auth/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: `refresh_token=${token}` },
      baseUrl: worker.url,
    })
    expect(curl).toMatchObject({ status: 200, body: { success: true } })
    const next = curl.headers.getSetCookie()[0]?.match(/refresh_token=([^;]+)/)?.[1]
    const browser = await call<Envelope<Login>>('/auth/refresh', {
      method: 'POST',
      headers: { cookie: `refresh_token=${next}`, origin: 'http://localhost:3000' },
      baseUrl: worker.url,
    })
    expect(browser.body.data.access_token).toMatch(/^eyJ/)
    expect(browser.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
    expect(browser.headers.get('access-control-allow-credentials')).toBe('true')
  })

  it('logs out with the token and the cookie', async () => {
    const login = await signUpAndIn()
    const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const out = await call<Envelope<unknown>>('/auth/logout', {
      method: 'POST',
      token: login.body.data.access_token,
      headers: { cookie },
      baseUrl: worker.url,
    })
    expect(out.body).toMatchObject({ success: true, status_code: 200 })
    expect(out.headers.getSetCookie()[0]).toContain('Max-Age=0')
    const refused = await call('/auth/me', {
      token: login.body.data.access_token,
      baseUrl: worker.url,
    })
    expect(refused.body).toMatchObject({
      success: false,
      status_code: 401,
      message: expect.any(String),
      error_code: 'INVALID_TOKEN',
      details: expect.any(Object),
      timestamp: expect.any(String),
    })
  })
})

describe('003 Redis and JWT example', () => {
  it('login answers with the role, the name and the id', async () => {
    const { username, password, id } = await newPerson()
    const { body } = await call('/auth/login', { json: { username, password } })
    expect(body).toMatchObject({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      role: 'user',
      username,
      user_id: id,
    })
  })

  it('refresh says so', async () => {
    const { refreshToken } = await newPerson()
    const { body } = await call('/auth/refresh', { json: { refresh_token: refreshToken } })
    expect(body).toMatchObject({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      message: 'Token refreshed successfully.',
    })
  })

  it('logout clears what is left even if the access token is not valid any more', async () => {
    const { refreshToken, ...person } = await newPerson()
    const out = await call('/auth/logout', {
      token: `${person.token}x`,
      json: { refresh_token: refreshToken },
    })
    expect(out.status).toBe(200)
    const refused = await call('/auth/refresh', { json: { refresh_token: refreshToken } })
    expect(refused.status).toBe(401)
  })

  it('limits guests to 24 requests in 24 hours and everybody else to 3,000 a minute', async () => {
    const { token, id } = await newPerson()
    const ask = () => call('/auth/sessions/current', { token })
    expect((await ask()).headers.get('ratelimit-policy')).toBe('3000;w=60')
    await changePerson(id, () => sql`update users set role = 'guest' where id = ${id}`)
    const answers = []
    for (let index = 0; index < 26; index++) answers.push(await ask())
    const guest = answers.filter(({ headers }) => headers.get('ratelimit-policy') === '24;w=86400')
    expect(guest.filter(({ status }) => status === 200)).toHaveLength(24)
    expect(answers.at(-1)?.status).toBe(429)
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeLessThanOrEqual(86_400)
  })
})

describe('004 AI platform authentication', () => {
  it('registers by e-mail address alone, logs in, refreshes and logs out', async () => {
    const account = { email: `${newName()}@example.com`, password: `pw-${randomUUID()}` }
    expect((await call('/api/auth/register', { json: account })).status).toBe(201)
    const login = await call<Login>('/api/auth/login', { json: account })
    expect(login.body).toMatchObject({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^eyJ/),
      token_type: 'bearer',
      user: { id: expect.any(Number), email: account.email, is_verified: false },
    })
    const { body } = await call<Login>('/api/auth/refresh', {
      json: { refresh_token: login.body.refresh_token },
    })
    const me = await call('/api/auth/me', { token: body.access_token })
    expect(me.body.email).toBe(account.email)
    const out = await call('/api/auth/logout', { method: 'POST', token: body.access_token })
    expect(out.status).toBe(200)
  })

  it('locks an account after failed attempts, for the documented time', async () => {
    const { username } = await newPerson()
    const guess = () => call('/api/auth/login', { json: { username, password: 'wrong' } })
    for (let attempt = 0; attempt < 5; attempt++) expect((await guess()).status).toBe(401)
    const { status, headers } = await guess()
    expect(status).toBe(429)
    expect(Math.round(Number(headers.get('retry-after')) / 60)).toBe(30)
  })
})
