import { beforeAll, describe, expect, it } from 'vitest'
import { newPersonOf } from '../../support/admin.ts'
import { call, newPerson, stack, type TestPerson } from '../../support/stack.ts'
import {
  asClientAdmin,
  authorize,
  CALLBACK,
  interact,
  newClient,
  newPkce,
  newTokens,
  post,
  type TestClient,
} from './support.ts'

let person: TestPerson
let client: TestClient
let app: TestClient
let good: Record<string, string>
beforeAll(async () => {
  person = await newPerson()
  client = await newClient()
  app = await newClient({ auth_method: 'none', redirect_uris: [CALLBACK, 'http://127.0.0.1/cb'] })
  good = {
    client_id: app.client_id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'chat',
    state: 'a state',
    ...newPkce().params,
  }
})

/** The request that the consent page is given. */
async function requestOf(params: Record<string, string>): Promise<string> {
  const { location } = await authorize(params)
  const request = location?.searchParams.get('request')
  if (!request) throw new Error(`sent on to ${location}`)
  return request
}

async function askAsBrowser(path: string) {
  const answer = await fetch(stack.baseUrl + path, { headers: { accept: 'text/html' } })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

describe('a request that leads nowhere', () => {
  it.each([
    ['no client', { client_id: '' }, 'invalid_request'],
    ['an unknown client', { client_id: 'nobody' }, 'invalid_request'],
    ['no address of two', { redirect_uri: '' }, 'invalid_redirect_uri'],
    ['another address', { redirect_uri: 'https://evil.example/' }, 'invalid_redirect_uri'],
    ['a longer address', { redirect_uri: `${CALLBACK}/more` }, 'invalid_redirect_uri'],
    ['a query more', { redirect_uri: `${CALLBACK}?a=b` }, 'invalid_redirect_uri'],
    ['another case', { redirect_uri: CALLBACK.toUpperCase() }, 'invalid_redirect_uri'],
    ['another loopback path', { redirect_uri: 'http://127.0.0.1:1/x' }, 'invalid_redirect_uri'],
    [
      'a host that begins alike',
      { redirect_uri: 'http://127.0.0.1.evil.example/cb' },
      'invalid_redirect_uri',
    ],
    [
      'a name before the host',
      { redirect_uri: 'http://127.0.0.1@evil.example/cb' },
      'invalid_redirect_uri',
    ],
    ['a script', { redirect_uri: 'javascript:alert(1)' }, 'invalid_redirect_uri'],
  ])('%s', async (_, change, error) => {
    const { status, headers, body } = await authorize({ ...good, ...change })
    expect([status, body.error]).toEqual([400, error])
    expect(headers.get('location')).toBeNull()
  })

  it('says so to people on a page that nobody can frame', async () => {
    const params = new URLSearchParams({ ...good, redirect_uri: 'https://evil.example/<b>' })
    const { status, headers, ...answer } = await askAsBrowser(`/oauth/authorize?${params}`)
    expect(status).toBe(400)
    expect(answer.text).toContain('Error: Invalid redirect_uri')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })

  it('a parameter that is there twice', async () => {
    const query = `${new URLSearchParams(good)}&scope=chat`
    expect((await call(`/oauth/authorize?${query}`)).status).toBe(400)
  })
})

describe('a request that goes back with an error', () => {
  it.each([
    ['no type', { response_type: '' }, 'invalid_request'],
    ['tokens at once', { response_type: 'token' }, 'unsupported_response_type'],
    ['a form as the answer', { response_mode: 'form_post' }, 'invalid_request'],
    ['no challenge', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge without a method', { code_challenge_method: '' }, 'invalid_request'],
    ['a short challenge', { code_challenge: 'short' }, 'invalid_request'],
    ['unknown scopes', { scope: 'everything' }, 'invalid_scope'],
    ['scopes that are none', { scope: 'chat  "x"' }, 'invalid_scope'],
    ["another server's resource", { resource: 'https://api.example.com/' }, 'invalid_target'],
    ['no prompt and one', { prompt: 'none login' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'create' }, 'invalid_request'],
    ['a negative age', { max_age: '-1' }, 'invalid_request'],
    ['a request object', { request: 'a.b.c' }, 'request_not_supported'],
    ['a request elsewhere', { request_uri: 'https://evil.example/' }, 'request_uri_not_supported'],
  ])('%s', async (_, change, error) => {
    const { status, location } = await authorize({ ...good, ...change })
    expect(status).toBe(303)
    expect(`${location?.origin}${location?.pathname}`).toBe(CALLBACK)
    expect(Object.fromEntries(location?.searchParams ?? [])).toMatchObject({
      error,
      state: 'a state',
      iss: stack.baseUrl,
    })
  })
})

describe('the decision', () => {
  it('is asked for once for each scope, and whenever the application wants it', async () => {
    const somebody = await newPerson()
    const needs = async (change: Record<string, string>) =>
      (await interact(somebody, await requestOf({ ...good, ...change }))).body.needs
    expect(await needs({})).toBe('consent')
    await interact(somebody, await requestOf(good), 'approve')
    expect(await needs({})).toBe('nothing')
    expect(await needs({ scope: 'chat read:models' })).toBe('consent')
    expect(await needs({ prompt: 'consent' })).toBe('consent')
    expect(await needs({ client_id: client.client_id })).toBe('consent')
  })

  it('shows nothing to nobody under prompt=none, and asks for a new sign-in', async () => {
    const somebody = await newPerson()
    const silent = { ...good, prompt: 'none' }
    const errorOf = async (who: TestPerson | null, decision?: 'approve') => {
      const { body } = await interact(who, await requestOf(silent), decision)
      return new URL(body.redirect_to ?? '').searchParams.get('error')
    }
    expect(await errorOf(null)).toBe('login_required')
    expect(await errorOf(somebody)).toBe('consent_required')
    // Whoever says yes to what shows nothing has not seen it.
    expect(await errorOf(somebody, 'approve')).toBe('consent_required')
    const fresh = await interact(somebody, await requestOf({ ...good, prompt: 'login' }), 'approve')
    expect(fresh.body.needs).toBe('sign_in')
    expect((await interact(null, await requestOf(good), 'approve')).body.needs).toBe('sign_in')
  })

  it('can be no, and goes with the sealed request alone', async () => {
    const no = await interact(person, await requestOf(good), 'deny')
    expect(new URL(no.body.redirect_to ?? '').searchParams.get('error')).toBe('access_denied')
    const request = await requestOf(good)
    for (const wrong of [request.slice(0, -3), `A${request.slice(1)}`, 'nonsense'])
      expect((await interact(person, wrong, 'approve')).status).toBe(400)
  })

  it('gives nobody more than they may do themselves', async () => {
    const scopes = ['chat', 'read:audit', 'write:models']
    const made = await newClient({ auth_method: 'none', scopes })
    const scope = scopes.join(' ')
    expect((await newTokens(person, made, { scope })).scope).toBe('chat')
    const admin = await newPersonOf('admin')
    const tokens = await newTokens(admin, made, { scope })
    expect(tokens.scope).toBe(scope)
    const ask = async (path: string) => (await call(path, { token: tokens.access_token })).status
    expect(await ask('/api/admin/audit')).toBe(200)
    for (const path of ['/api/admin/users', '/api/admin/clients', '/api/admin/signing-keys'])
      expect(await ask(path), path).toBe(403)
  })
})

describe('the token endpoint', () => {
  it('speaks of what is wrong as RFC 6749 has it', async () => {
    const secret = { client_id: client.client_id, client_secret: client.client_secret ?? '' }
    const grant_type = 'authorization_code'
    const cases: [Record<string, string>, number, string][] = [
      [{}, 400, 'invalid_request'],
      [{ grant_type: 'password', ...secret }, 400, 'unsupported_grant_type'],
      [{ grant_type: 'client_credentials', ...secret }, 400, 'unauthorized_client'],
      [{ grant_type }, 401, 'invalid_client'],
      [{ grant_type, client_id: client.client_id }, 401, 'invalid_client'],
      [{ grant_type, ...secret, client_secret: 'wrong' }, 401, 'invalid_client'],
      [{ grant_type, client_id: app.client_id, client_secret: 'one' }, 401, 'invalid_client'],
      [{ grant_type, ...secret }, 400, 'invalid_grant'],
      [{ grant_type, ...secret, code: 'v1.a.b.c' }, 400, 'invalid_grant'],
      [{ grant_type: 'refresh_token', ...secret, refresh_token: 'x' }, 400, 'invalid_grant'],
    ]
    for (const [form, status, error] of cases) {
      const answer = await post('/oauth/token', form)
      expect([answer.status, answer.body.error]).toEqual([status, error])
      expect(answer.headers.get('cache-control')).toBe('no-store')
      if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
    }
    const json = await call('/oauth/token', { json: { grant_type } })
    expect(json.body).toMatchObject({ error: 'invalid_request' })
    const basic = Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')
    const both = await post(
      '/oauth/token',
      { grant_type, ...secret },
      { authorization: `Basic ${basic}` },
    )
    expect(both.body.error).toBe('invalid_request')
  })

  it('takes two secrets while one is replaced, and the new one alone afterwards', async () => {
    const made = await newClient({ grant_types: ['client_credentials'] })
    const ask = async (client_secret: string | null) =>
      (
        await post('/oauth/token', {
          grant_type: 'client_credentials',
          client_id: made.client_id,
          client_secret: client_secret ?? '',
        })
      ).status
    const replace = async (keep_seconds: number) =>
      (
        await asClientAdmin<TestClient>('POST', `/api/admin/clients/${made.client_id}/secret`, {
          keep_seconds,
        })
      ).body.client_secret
    const second = await replace(600)
    expect([await ask(made.client_secret), await ask(second)]).toEqual([200, 200])
    const third = await replace(0)
    expect(await Promise.all([made.client_secret, second, third].map(ask))).toEqual([401, 401, 200])
  })
})
