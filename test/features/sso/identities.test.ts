import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redis } from '../../support/redis.ts'
import { call, newKey, newPerson, sql, waitFor } from '../../support/stack.ts'
import {
  Browser,
  freshEmail,
  freshSubject,
  type Idp,
  namedProviders,
  startIdp,
  workerWith,
} from './support.ts'

let idp: Idp
let worker: Awaited<ReturnType<typeof workerWith>>
let closed: Awaited<ReturnType<typeof workerWith>>

beforeAll(async () => {
  idp = await startIdp()
  worker = await workerWith(namedProviders(idp))
  closed = await workerWith({ ...namedProviders(idp), ALLOW_REGISTRATION: 'false' })
})
afterAll(async () => {
  await worker?.close()
  await closed?.close()
  await idp?.stop()
})

interface IdentityList {
  identities: { id: number; provider: string; email: string | null; username: string | null }[]
}
interface SignedIn {
  user_id: number
  access_token: string
  username: string
}

const linuxdoUser = (facts: Record<string, unknown> = {}) => ({
  claims: {},
  userInfo: { id: randomInt(2 ** 40), username: `h${freshSubject().slice(0, 12)}`, ...facts },
})
const googleUser = (facts: Record<string, unknown> = {}) => {
  const sub = freshSubject()
  return { claims: { sub, ...facts }, userInfo: { sub } }
}

async function login(provider: string, baseUrl = worker.url): Promise<SignedIn> {
  const { body, status } = await new Browser(baseUrl).login(provider, '', 'application/json')
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body as unknown as SignedIn
}

const identitiesOf = async (token: string) =>
  (await call<IdentityList>('/api/auth/identities', { token, baseUrl: worker.url })).body.identities

/** Adds an identity as somebody's front end does. */
async function link(token: string, provider: string) {
  const browser = new Browser(worker.url)
  const bearer = { authorization: `Bearer ${token}` }
  const begun = await browser.api(`/api/auth/identities/${provider}`, {}, bearer)
  const answer = await browser.consent(String(begun.body.authorization_url))
  return browser.api(`/api/auth/oidc/${provider}/callback`, {
    code: answer.searchParams.get('code'),
    state: begun.body.state,
  })
}

const remove = (token: string, id: number) =>
  call(`/api/auth/identities/${id}`, { method: 'DELETE', token, baseUrl: worker.url })

describe('adding an identity', () => {
  it('lets the person in by it from then on', async () => {
    const person = await newPerson(worker.url)
    idp.next(googleUser({ preferred_username: 'elsewhere' }))
    expect((await link(person.token, 'google')).body).toEqual({
      linked: true,
      provider: 'google',
      user_id: person.id,
    })
    expect((await login('google')).user_id).toBe(person.id)
    expect(await identitiesOf(person.token)).toMatchObject([
      { provider: 'google', username: 'elsewhere' },
    ])
    await remove(person.token, (await identitiesOf(person.token))[0]?.id ?? 0)
    const events = await sql`select event, details from audit_events
      where user_id = ${person.id} and event like 'identity.%' order by id`
    expect(events).toEqual([
      { event: 'identity.linked', details: { provider: 'google' } },
      { event: 'identity.unlinked', details: { provider: 'google' } },
    ])
  })

  it('asks for the password again when the sign-in is not recent', async () => {
    const person = await newPerson(worker.url)
    const claims = JSON.parse(atob(person.token.split('.')[1] ?? '')) as { sid: string }
    await redis('HSET', `session:${claims.sid}`, 'auth', String(Date.now() - 600_000))
    const begin = (json: object) =>
      call('/api/auth/identities/google', { token: person.token, json, baseUrl: worker.url })
    expect((await begin({})).body).toMatchObject({ code: 'step_up_required' })
    expect((await begin({ password: 'wrong' })).body).toMatchObject({ code: 'step_up_required' })
    expect((await begin({ password: person.password })).status).toBe(200)
  })

  it('holds several, also of one provider, and adding one again changes nothing', async () => {
    const person = await newPerson(worker.url)
    idp.next(linuxdoUser())
    await link(person.token, 'linuxdo')
    await link(person.token, 'linuxdo')
    idp.next(linuxdoUser())
    await link(person.token, 'linuxdo')
    idp.next(googleUser())
    await link(person.token, 'google')
    const providers = (await identitiesOf(person.token)).map(({ provider }) => provider)
    expect(providers).toEqual(['linuxdo', 'linuxdo', 'google'])
  })

  it('refuses one that belongs to somebody else', async () => {
    idp.next(googleUser())
    const owner = await login('google')
    const person = await newPerson(worker.url)
    expect((await link(person.token, 'google')).body).toMatchObject({
      status: 409,
      code: 'identity_in_use',
    })
    expect((await login('google')).user_id).toBe(owner.user_id)
  })

  it('is for people who are signed in, not for API keys', async () => {
    const path = '/api/auth/identities/google'
    expect((await call(path, { method: 'POST', baseUrl: worker.url })).status).toBe(401)
    const key = await newKey(await newPerson(worker.url), worker.url)
    expect((await call(path, { method: 'POST', token: key, baseUrl: worker.url })).status).toBe(403)
  })

  it('cannot be ended in the browser of a victim', async () => {
    const attacker = await newPerson(worker.url)
    const begun = await call('/api/auth/identities/google', {
      method: 'POST',
      token: attacker.token,
      baseUrl: worker.url,
    })
    idp.next(googleUser())
    const victim = new Browser(worker.url)
    const answer = await victim.consent(String(begun.body.authorization_url))
    const byRedirect = await victim.visit(answer.href, 'application/json')
    expect(byRedirect.body).toMatchObject({ code: 'login_expired' })
    expect(await identitiesOf(attacker.token)).toEqual([])
  })
})

describe('removing an identity', () => {
  it('never removes the last way in', async () => {
    idp.next(googleUser())
    const { access_token } = await login('google')
    const [only] = await identitiesOf(access_token)
    expect((await remove(access_token, only?.id ?? 0)).body).toMatchObject({
      status: 409,
      code: 'last_sign_in_method',
    })
    // Both at once, several times: one of them has to stay.
    for (let round = 0; round < 4; round++) {
      idp.next(linuxdoUser())
      await link(access_token, 'linuxdo')
      const both = await identitiesOf(access_token)
      const answers = await Promise.all(both.map(({ id }) => remove(access_token, id)))
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
      expect(await identitiesOf(access_token)).toHaveLength(1)
    }
  })

  it('does not count an identity whose provider is no longer configured', async () => {
    idp.next(googleUser())
    const { access_token, user_id } = await login('google')
    await sql`insert into identities (user_id, provider, issuer, subject, created_at, updated_at)
      values (${user_id}, 'gone', 'https://gone.example', ${freshSubject()}, now(), now())`
    const [google] = await identitiesOf(access_token)
    expect((await remove(access_token, google?.id ?? 0)).status).toBe(409)
  })

  it('may remove all of somebody with a password', async () => {
    const person = await newPerson(worker.url)
    idp.next(googleUser())
    await link(person.token, 'google')
    const [identity] = await identitiesOf(person.token)
    expect((await remove(person.token, identity?.id ?? 0)).status).toBe(204)
    expect(await identitiesOf(person.token)).toEqual([])
  })

  it("is blind to other people's", async () => {
    const owner = await newPerson(worker.url)
    idp.next(googleUser())
    await link(owner.token, 'google')
    const [identity] = await identitiesOf(owner.token)
    const stranger = await newPerson(worker.url)
    expect((await remove(stranger.token, identity?.id ?? 0)).status).toBe(404)
    expect((await remove(stranger.token, 999_999_999)).status).toBe(404)
    expect(await identitiesOf(owner.token)).toHaveLength(1)
  })

  it.each([
    ['google', '/revoke', /^Basic /],
    ['github', '/applications/github-client/grant', /^Basic /],
    ['facebook', '/me/permissions', /^Bearer /],
  ] as const)('ends what %s has given us', async (provider, path, authorization) => {
    const person = await newPerson(worker.url)
    idp.next(provider === 'google' ? googleUser() : { userInfo: { id: randomInt(2 ** 40) } })
    await link(person.token, provider)
    const before = idp.calls.length
    const [identity] = await identitiesOf(person.token)
    await remove(person.token, identity?.id ?? 0)
    await waitFor(async () => idp.calls.slice(before).some((entry) => entry.path === path))
    expect(idp.calls.find((entry, at) => at >= before && entry.path === path)).toMatchObject({
      authorization: expect.stringMatching(authorization),
    })
  })

  it('ends it as well when the whole account goes', async () => {
    const person = await newPerson(worker.url)
    idp.next(googleUser())
    await link(person.token, 'google')
    idp.next({ userInfo: { id: randomInt(2 ** 40) } })
    await link(person.token, 'github')
    const before = idp.calls.length
    const { status } = await call('/api/users/me', {
      method: 'DELETE',
      token: person.token,
      json: {},
      baseUrl: worker.url,
    })
    expect(status).toBe(200)
    const pathsSince = () => idp.calls.slice(before).map(({ path }) => path)
    await waitFor(async () => pathsSince().includes('/revoke'))
    await waitFor(async () => pathsSince().includes('/applications/github-client/grant'))
    expect(await sql`select 1 from identities where user_id = ${person.id}`).toEqual([])
  })
})

describe("a provider's tokens", () => {
  it('are stored encrypted, bound to their identity', async () => {
    idp.next({
      ...googleUser(),
      tokens: (body) => Object.assign(body, { access_token: 'clear-a', refresh_token: 'clear-r' }),
    })
    const { user_id } = await login('google')
    const [row] = await sql`select * from identities where user_id = ${user_id}`
    expect(JSON.stringify(row)).not.toMatch(/clear-/)
    expect(row?.access_token_ciphertext).toMatch(/^v1\./)
    expect(row?.refresh_token_ciphertext).toMatch(/^v1\./)
    expect(worker.logs.join()).not.toMatch(/clear-/)
  })

  it('are refreshed when used after they have expired', async () => {
    const email = freshEmail()
    idp.next({
      ...googleUser({ email, email_verified: true }),
      tokens: (body) => Object.assign(body, { access_token: 'first', refresh_token: 'r1' }),
    })
    const { access_token, user_id } = await login('google')
    const [identity] = await identitiesOf(access_token)
    const sync = () =>
      call(`/api/auth/identities/${identity?.id}/sync`, {
        method: 'POST',
        token: access_token,
        baseUrl: worker.url,
      })
    const usedToken = () => idp.calls.findLast(({ path }) => path === '/userinfo')?.authorization

    // What came with the ID token is not lost.
    expect(await sync()).toMatchObject({ status: 200, body: { email, email_verified: true } })
    expect(usedToken()).toBe('Bearer first')

    await sql`update identities set token_expires_at = now() where user_id = ${user_id}`
    idp.script.tokens = (body) => {
      body.access_token = 'second'
      delete body.refresh_token
    }
    expect((await sync()).status).toBe(200)
    expect(usedToken()).toBe('Bearer second')
    const refresh = idp.calls.findLast(({ path }) => path === '/token')
    expect(refresh?.body).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'r1' })
    const tokenCalls = () => idp.calls.filter(({ path }) => path === '/token').length
    const before = tokenCalls()
    await sync()
    expect(tokenCalls()).toBe(before)

    // The provider sent no new refresh token: the old one still holds, until it says otherwise.
    await sql`update identities set token_expires_at = now() where user_id = ${user_id}`
    idp.script.tokenStatus = 400
    idp.script.tokens = (body) => Object.assign(body, { error: 'invalid_grant' })
    expect((await sync()).body).toMatchObject({ status: 400, code: 'login_expired' })
    expect(idp.calls.findLast(({ path }) => path === '/token')?.body).toMatchObject({
      refresh_token: 'r1',
    })
  })

  it('refresh once when several calls need it at a time', async () => {
    idp.next(googleUser())
    const { access_token, user_id } = await login('google')
    const [identity] = await identitiesOf(access_token)
    await sql`update identities set token_expires_at = now() where user_id = ${user_id}`
    const before = idp.calls.length
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        call(`/api/auth/identities/${identity?.id}/sync`, {
          method: 'POST',
          token: access_token,
          baseUrl: worker.url,
        }),
      ),
    )
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
    expect(answers.some(({ status }) => status === 200)).toBe(true)
    const refreshes = idp.calls.slice(before).filter(({ path }) => path === '/token')
    expect(refreshes).toHaveLength(1)
  })
})

describe('what Linux.do says about a person', () => {
  it('is taken over at each sign-in: trust level and silence, both ways', async () => {
    const user = linuxdoUser({ trust_level: 1, active: true, silenced: true })
    idp.next(user)
    const first = await login('linuxdo')
    const me = async () =>
      (await call('/api/auth/me', { token: first.access_token, baseUrl: worker.url })).body
    expect(await me()).toMatchObject({ trust_level: 1, is_silenced: true })
    idp.next({ userInfo: { ...user.userInfo, trust_level: 9, silenced: false } })
    await login('linuxdo')
    expect(await me()).toMatchObject({ trust_level: 4, is_silenced: false })
  })

  it('does not lift a silence that somebody here has imposed', async () => {
    const user = linuxdoUser({ active: true, silenced: false })
    idp.next(user)
    const { user_id } = await login('linuxdo')
    await sql`update users set is_silenced = true where id = ${user_id}`
    await login('linuxdo')
    idp.next({ userInfo: { ...user.userInfo, silenced: true } })
    await login('linuxdo')
    idp.next(user)
    await login('linuxdo')
    const [row] = await sql`select is_silenced from users where id = ${user_id}`
    expect(row).toEqual({ is_silenced: true })
  })

  it('disables the account while the one there is, and never one that was disabled here', async () => {
    const user = linuxdoUser({ active: true })
    idp.next(user)
    const { access_token, user_id } = await login('linuxdo')
    const key = (
      await call('/api/api-keys', { token: access_token, json: {}, baseUrl: worker.url })
    ).body.key as string
    const keyStatus = async () =>
      (await call('/api/auth/me', { token: key, baseUrl: worker.url })).status
    // The gate has a copy of the person, which the change must not leave behind.
    await waitFor(async () => {
      const copy = await redis<string | null>('GET', `person:${user_id}`)
      if (copy?.startsWith('{')) return true
      if (copy === '-') await redis('DEL', `person:${user_id}`)
      expect(await keyStatus()).toBe(200)
      return false
    })

    idp.next({ userInfo: { ...user.userInfo, active: false } })
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
    expect(await keyStatus()).toBe(403)
    idp.next(user)
    await login('linuxdo')
    expect(await keyStatus()).toBe(200)

    await sql`update users set is_active = false where id = ${user_id}`
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
  })

  it('does not lift a ban that came on top', async () => {
    const user = linuxdoUser({ active: true })
    idp.next(user)
    const { user_id } = await login('linuxdo')
    idp.next({ userInfo: { ...user.userInfo, active: false } })
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
    await sql`update users set is_active = false, banned_at = now() where id = ${user_id}`
    idp.next(user)
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
  })

  it('registers nobody who is not active there', async () => {
    const user = linuxdoUser({ active: false })
    idp.next(user)
    await expect(login('linuxdo')).rejects.toThrow(/403.*account_disabled/)
    expect(await sql`select 1 from identities where subject = ${String(user.userInfo.id)}`).toEqual(
      [],
    )
  })
})

describe('a server that registers nobody', () => {
  it('says so to strangers and lets its people in', async () => {
    idp.next(googleUser())
    await expect(login('google', closed.url)).rejects.toThrow(/403.*registration_closed/)
    const known = await login('google')
    expect((await login('google', closed.url)).user_id).toBe(known.user_id)

    const person = await newPerson(worker.url)
    await sql`update users set email_verified_at = now() where id = ${person.id}`
    idp.next(googleUser({ email: person.email, email_verified: true }))
    expect((await login('google', closed.url)).user_id).toBe(person.id)
  })
})

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
