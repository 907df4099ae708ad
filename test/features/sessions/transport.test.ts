import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, newPerson, stack } from '../../support/stack.ts'
import { type OwnWorker, PRODUCTION, workerWith } from '../../support/worker-with.ts'

const cookieOf = (headers: Headers) => headers.getSetCookie()[0] ?? ''
const pairOf = (setCookie: string) => setCookie.split(';')[0] ?? ''

describe('the refresh token in a cookie', () => {
  it('is out of reach of scripts and out of the body', async () => {
    const person = await newPerson()
    const { body, headers } = await call('/api/auth/login?useCookies=true', { json: person })
    expect(body.refresh_token).toBeUndefined()
    expect(body.access_token).toBeDefined()
    const cookie = cookieOf(headers)
    expect(cookie).toMatch(/^refresh_token=ey/)
    for (const part of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/api/auth', 'Max-Age=604800'])
      expect(cookie.split('; ')).toContain(part)
  })

  it('refreshes, comes back as a cookie, and is gone after signing out', async () => {
    const person = await newPerson()
    const login = await call('/api/auth/login?useCookies=true', { json: person })
    const refreshed = await call('/api/auth/refresh', {
      method: 'POST',
      headers: { cookie: pairOf(cookieOf(login.headers)) },
    })
    expect(refreshed.status).toBe(200)
    expect(refreshed.body.refresh_token).toBeUndefined()
    const cookie = pairOf(cookieOf(refreshed.headers))
    expect(cookie).not.toBe(pairOf(cookieOf(login.headers)))
    const out = await call('/api/auth/logout', { method: 'POST', headers: { cookie } })
    expect(out.status).toBe(200)
    expect(cookieOf(out.headers)).toMatch(/^refresh_token=;.*Max-Age=0/)
    const again = await call('/api/auth/refresh', { method: 'POST', headers: { cookie } })
    expect(again.status).toBe(401)
  })

  it('counts in a browser under the name that the deployment gives it, and in a program under both', async () => {
    const { refreshToken } = await newPerson()
    const foreign = `__Secure-refresh_token=${refreshToken}`
    const refreshed = await call('/api/auth/refresh', {
      method: 'POST',
      headers: { cookie: foreign, origin: stack.baseUrl },
    })
    expect(refreshed).toMatchObject({ status: 401, body: { code: 'not_authenticated' } })
    for (const line of refreshed.headers.getSetCookie())
      expect(line).toMatch(/^__Secure-refresh_token=; Max-Age=0/)
    for (const cookie of [foreign, `refresh_token=${refreshToken}`])
      expect(
        (await call('/api/auth/refresh', { method: 'POST', headers: { cookie } })).status,
      ).toBe(200)
  })

  it.each(['/auth', '/api/auth'])('reaches both mounts when it is set by %s', async (mount) => {
    const { headers } = await call(`${mount}/login?useCookies=true`, { json: await newPerson() })
    const paths = headers.getSetCookie().map((line) => /; Path=([^;]+)/.exec(line)?.[1])
    expect(paths).toEqual(['/api/auth', '/auth'])
  })

  it('may be asked for by the deployment, and not wanted by the request', async () => {
    await using worker = await workerWith({ REFRESH_TOKEN_TRANSPORT: 'cookie' })
    const person = await newPerson()
    const { url: baseUrl } = worker
    const login = await call('/api/auth/login', { json: person, baseUrl })
    expect(login.body.refresh_token).toBeUndefined()
    expect(cookieOf(login.headers)).toMatch(/^refresh_token=ey/)
    const bare = await call('/api/auth/login?useCookies=false', { json: person, baseUrl })
    expect(bare.body.refresh_token).toBeDefined()
    expect(bare.headers.getSetCookie()).toEqual([])
  })
})

const PUBLIC = 'https://accounts.example.org'

describe('in production', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await workerWith({
      ...PRODUCTION,
      PUBLIC_URL: PUBLIC,
    })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  const expired = (...names: string[]) =>
    names.flatMap((name) =>
      ['/api/auth', '/auth'].map(
        (path) => `${name}=; Max-Age=0; Path=${path}; HttpOnly; Secure; SameSite=Lax`,
      ),
    )
  const refreshWith = (cookie: string, headers: object = { origin: PUBLIC }) =>
    call('/api/auth/refresh', {
      method: 'POST',
      headers: { cookie, ...headers },
      baseUrl: worker.url,
    })

  it('the cookie has the prefix; a dead one is taken away', async () => {
    const { status, body, headers } = await refreshWith('__Secure-refresh_token=x.y.z')
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'invalid_token' })
    expect(headers.getSetCookie()).toEqual(expired('__Secure-refresh_token'))
  })

  it('a program may use the documented name', async () => {
    const { body } = await refreshWith('refresh_token=x.y.z', {})
    // It is looked at.
    expect(body.code).toBe('invalid_token')
  })

  it('a plain one in a browser, which a neighbouring host can plant, is not looked at and taken away', async () => {
    const plain = await refreshWith('refresh_token=x.y.z')
    expect(plain).toMatchObject({ status: 401, body: { code: 'not_authenticated' } })
    expect(plain.headers.getSetCookie()).toEqual(expired('refresh_token'))
    const both = await refreshWith('refresh_token=a.b.c; __Secure-refresh_token=x.y.z')
    expect(both.headers.getSetCookie().sort()).toEqual(
      expired('__Secure-refresh_token', 'refresh_token'),
    )
    const out = await call('/api/auth/logout', {
      method: 'POST',
      headers: { cookie: 'refresh_token=x.y.z', origin: PUBLIC },
      baseUrl: worker.url,
    })
    expect(out.headers.getSetCookie()).toEqual(expired('refresh_token'))
  })

  it('the public address is one of ours', async () => {
    const post = (origin: string) =>
      call('/api/auth/refresh', {
        method: 'POST',
        headers: { cookie: 'refresh_token=x.y.z', origin },
        baseUrl: worker.url,
      })
    expect((await post('https://accounts.example.org')).status).toBe(401)
    expect((await post('https://example.org')).status).toBe(403)
  })
})

describe('requests from other sites', () => {
  let cookie: string
  beforeAll(async () => {
    const { headers } = await call('/api/auth/login?useCookies=true', { json: await newPerson() })
    cookie = pairOf(cookieOf(headers))
  })

  const logout = (headers: Record<string, string>) =>
    call('/api/auth/logout', { method: 'POST', headers: { cookie, ...headers } })

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: `${stack.baseUrl}.evil.example` }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('are refused with %j', async (headers) => {
    const answer = await logout(headers as Record<string, string>)
    expect(answer).toMatchObject({ status: 403, body: { code: 'cross_site_request' } })
  })

  it('may not sign a browser in either', async () => {
    const answer = await call('/api/auth/login?useCookies=true', {
      json: await newPerson(),
      headers: { origin: 'https://evil.example' },
    })
    expect(answer.status).toBe(403)
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  it('pass from our own pages', async () => {
    expect((await logout({ origin: stack.baseUrl })).status).toBe(200)
  })
})

describe('the envelope', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await workerWith({ RESPONSE_FORMAT: 'envelope' })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  it('wraps a success as asked for by one request', async () => {
    const person = await newPerson()
    const { body, headers } = await call('/api/auth/login', {
      json: person,
      headers: { prefer: 'envelope' },
    })
    expect(Object.keys(body)).toEqual(['success', 'status_code', 'message', 'data', 'timestamp'])
    expect(body).toMatchObject({ success: true, status_code: 200, message: 'Operation successful' })
    expect((body.data as { access_token: string }).access_token).toMatch(/^ey/)
    expect(new Date(body.timestamp as string).toISOString()).toBe(body.timestamp)
    expect(headers.get('preference-applied')).toBe('envelope')
  })

  it('wraps a failure, with the headers that it had', async () => {
    const { status, body, headers } = await call('/auth/me', { baseUrl: worker.url })
    expect(status).toBe(401)
    expect(Object.keys(body)).toEqual([
      'success',
      'status_code',
      'message',
      'error_code',
      'details',
      'timestamp',
    ])
    expect(body).toMatchObject({
      success: false,
      status_code: 401,
      error_code: 'NOT_AUTHENTICATED',
    })
    expect(headers.get('www-authenticate')).toBe('Bearer realm="shared-accounts"')
    const invalid = await call('/auth/login', { json: { username: 'x' }, baseUrl: worker.url })
    expect(invalid.body).toMatchObject({
      status_code: 422,
      details: { errors: [{ path: 'password' }] },
    })
  })

  it('leaves the other protocols alone', async () => {
    const models = await call<{ error: object }>('/v1/models', { baseUrl: worker.url })
    expect(models.body.error).toBeDefined()
    const keys = await call('/.well-known/jwks.json', { baseUrl: worker.url })
    expect(keys.body).toEqual({ keys: expect.any(Array) })
    const description = await call('/api/openapi.json', { baseUrl: worker.url })
    expect(description.body.openapi).toBe('3.1.0')
  })

  it('is not there unless asked for', async () => {
    expect((await call('/api/health')).body.success).toBeUndefined()
  })
})
