import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ChaosProxy, chaosProxy } from '../../support/chaos.ts'
import { call, sql, stack } from '../../support/stack.ts'
import { Browser, freshSubject, type Idp, namedProviders, startIdp, workerWith } from './support.ts'

const FRONTEND = 'https://app.example.com'
const SPA = 'https://spa.example.org'

let idp: Idp
let redisProxy: ChaosProxy
let sqlProxy: ChaosProxy
let worker: Awaited<ReturnType<typeof workerWith>>
let strict: Awaited<ReturnType<typeof workerWith>>

beforeAll(async () => {
  idp = await startIdp()
  redisProxy = await chaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
  sqlProxy = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
  const settings = { ...namedProviders(idp), FRONTEND_URL: FRONTEND, CORS_ORIGINS: SPA }
  worker = await workerWith({
    ...settings,
    UPSTASH_REDIS_REST_URL: redisProxy.url,
    NEON_FETCH_ENDPOINT: sqlProxy.url,
    LOGIN_RATE_LIMIT: '5/1h',
  })
  strict = await workerWith({ ...settings, MFA_REQUIRED_ROLES: 'user' })
})
afterEach(() => {
  redisProxy.fault = sqlProxy.fault = 'none'
})
afterAll(async () => {
  await worker?.close()
  await strict?.close()
  await redisProxy?.[Symbol.asyncDispose]()
  await sqlProxy?.[Symbol.asyncDispose]()
  await idp?.stop()
})

function nextPerson(): string {
  const sub = freshSubject()
  const username = `h${sub.slice(0, 12)}`
  idp.next({ claims: { sub, preferred_username: username }, userInfo: { sub } })
  return username
}

async function begun(baseUrl = worker.url) {
  const browser = new Browser(baseUrl)
  const { body } = await browser.api('/api/auth/oidc/google/login')
  const answer = await browser.consent(String(body.authorization_url))
  return { browser, answer, json: { code: answer.searchParams.get('code'), state: body.state } }
}

describe('the session after a redirect', () => {
  it('is exchanged for an access token by the front end', async () => {
    const username = nextPerson()
    const { browser, answer } = await begun()
    const done = await browser.visit(answer.href)
    expect(done.headers.get('location')).toBe(FRONTEND)
    expect(done.headers.get('cache-control')).toBe('no-store')
    const cookie = done.headers.getSetCookie().find((line) => line.startsWith('refresh_token='))
    expect(cookie).toMatch(/; Path=\/api\/auth; HttpOnly; Secure; SameSite=None$/)
    const refreshed = await browser.api('/api/auth/refresh', {})
    expect(refreshed.status).toBe(200)
    const me = await call('/api/auth/me', {
      token: String(refreshed.body.access_token),
      baseUrl: worker.url,
    })
    expect(me.body).toMatchObject({ username })
  })

  it('is in a cookie of our site where the person goes on to a page of ours', async () => {
    nextPerson()
    const browser = new Browser(worker.url)
    const done = await browser.login('google', '?return_to=%2Fconsole')
    expect([done.status, done.headers.get('location')]).toEqual([303, '/console'])
    const lines = done.headers.getSetCookie().filter((line) => line.startsWith('refresh_token='))
    expect(lines.map((line) => line.replace(/^[^;]*; Max-Age=\d+; /, ''))).toEqual([
      'Path=/api/auth; HttpOnly; Secure; SameSite=Lax',
      'Path=/auth; HttpOnly; Secure; SameSite=Lax',
    ])
  })

  it('comes as a cookie to a single-page app that asks for it', async () => {
    nextPerson()
    const { browser, json } = await begun()
    const done = await browser.api('/api/auth/oidc/google/callback?useCookies=true', json)
    expect(done.status).toBe(200)
    expect(done.body.refresh_token).toBeUndefined()
    expect(browser.cookies().get('refresh_token')).toMatch(/^ey/)
  })

  it('leaves rows in the audit log', async () => {
    nextPerson()
    const { browser, json } = await begun()
    const { body } = await browser.api('/api/auth/oidc/google/callback', json)
    const events = await sql`select event, details from audit_events
      where user_id = ${body.user_id} order by id`
    expect(events).toEqual([
      { event: 'account.registered', details: { provider: 'google' } },
      { event: 'login.succeeded', details: null },
    ])
  })
})

describe('a person who owes a second factor', () => {
  it('gets no session yet, as JSON', async () => {
    nextPerson()
    const { browser, json } = await begun(strict.url)
    const { body } = await browser.api('/api/auth/oidc/google/callback', json)
    expect(body).toEqual({
      mfa_required: true,
      mfa_token: expect.any(String),
      expires_in: 300,
      enrolment_required: true,
    })
  })

  it('is sent on with what the second step needs, behind the #', async () => {
    nextPerson()
    const { browser, answer } = await begun(strict.url)
    const done = await browser.visit(answer.href)
    const target = new URL(done.headers.get('location') ?? '')
    expect([target.origin, target.search]).toEqual([FRONTEND, ''])
    const fragment = new URLSearchParams(target.hash.slice(1))
    expect(fragment.get('enrolment_required')).toBe('true')
    expect(browser.cookies().size).toBe(0)
    const enrol = await call('/api/auth/mfa/enrol', {
      json: { mfa_token: fragment.get('mfa_token') },
      baseUrl: strict.url,
    })
    expect(enrol.status).toBe(200)
  })
})

describe('while a store is down', () => {
  it.each([
    ['Redis', () => redisProxy],
    ['PostgreSQL', () => sqlProxy],
  ] as const)('(%s) the end of a sign-in answers 503, in both forms', async (_name, proxy) => {
    for (const fault of ['refused', 'hung'] as const) {
      nextPerson()
      const [asJson, byRedirect] = [await begun(), await begun()]
      proxy().fault = fault
      const startedAt = performance.now()
      const answers = await Promise.all([
        asJson.browser.api('/api/auth/oidc/google/callback', asJson.json),
        byRedirect.browser.visit(byRedirect.answer.href),
      ])
      expect(performance.now() - startedAt).toBeLessThan(4_000)
      proxy().fault = 'none'
      for (const { status, headers } of answers) {
        expect(status).toBe(503)
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
        expect(headers.getSetCookie().join()).not.toMatch(/refresh_token=ey/)
      }
    }
  })

  it('(Redis) nobody begins', async () => {
    redisProxy.fault = 'refused'
    const { status } = await call('/api/auth/oidc/google/login', { baseUrl: worker.url })
    expect(status).toBe(503)
  })
})

it('counts sign-ins by address', async () => {
  const address = { 'cf-connecting-ip': '198.51.100.7' }
  const statuses: number[] = []
  for (let attempt = 0; attempt < 7; attempt++) {
    const { status } = await call('/api/auth/github/callback', {
      json: { code: 'c', state: 's' },
      headers: address,
      baseUrl: worker.url,
    })
    statuses.push(status)
  }
  expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429])
})

it('lets a single-page app of a known origin in, and no other', async () => {
  nextPerson()
  const { browser, json } = await begun()
  const path = '/api/auth/oidc/google/callback?useCookies=true'
  const foreign = await browser.api(path, json, { origin: 'https://evil.example' })
  expect(foreign.body).toMatchObject({ status: 403, code: 'cross_site_request' })
  const done = await browser.api(path, json, { origin: SPA })
  expect(done.status).toBe(200)
  expect(done.headers.get('access-control-allow-origin')).toBe(SPA)
})
