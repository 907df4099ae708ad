import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { redis } from '../../support/redis.ts'
import { call, newPerson, sql } from '../../support/stack.ts'
import {
  acme,
  begun,
  FRONTEND,
  hostile,
  refusal,
  SECRET,
  setStage,
  subject,
  worker,
} from './attack-stage.ts'
import { HOSTILE_MODES } from './hostile-server.ts'
import { Browser, freshEmail, freshSubject } from './support.ts'

setStage()

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
