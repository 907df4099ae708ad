import { randomUUID } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { beforeAll, describe, expect, it } from 'vitest'
import { MODEL } from '../../support/chat.ts'
import { call, newChatter, newPerson, stack, type TestPerson } from '../../support/stack.ts'
import {
  agree,
  asClientAdmin,
  authorize,
  CALLBACK,
  interact,
  newClient,
  newCode,
  newPkce,
  newTokens,
  post,
  type TestClient,
} from './support.ts'

let person: TestPerson
let client: TestClient
let app: TestClient
beforeAll(async () => {
  person = await newPerson()
  client = await newClient()
  app = await newClient({ auth_method: 'none' })
})

const insecure = { execute: [openid.allowInsecureRequests] }

describe.each(['RS256', 'ES256'])('openid-client, with ID tokens by %s', (id_token_algorithm) => {
  it('signs a person in, asks who it is, and refreshes', async () => {
    const made = await newClient({ id_token_algorithm })
    const config = await openid.discovery(
      new URL(stack.baseUrl),
      made.client_id,
      { id_token_signed_response_alg: id_token_algorithm },
      openid.ClientSecretBasic(made.client_secret ?? ''),
      insecure,
    )
    const verifier = openid.randomPKCECodeVerifier()
    const [state, nonce] = [openid.randomState(), openid.randomNonce()]
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid profile email offline_access',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...{ state, nonce, max_age: '3600' },
    })
    const back = await agree(person, url)
    const tokens = await openid.authorizationCodeGrant(config, back, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      maxAge: 3600,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    expect(claims).toMatchObject({ sub: String(person.id), email: person.email, acr: '1' })
    expect(claims?.email_verified).toBe(false)
    const who = await openid.fetchUserInfo(config, tokens.access_token, String(person.id))
    expect(who).toMatchObject({ preferred_username: person.username, roles: ['user'] })

    const again = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(again.refresh_token).not.toBe(tokens.refresh_token)
    expect(again.claims()?.sub).toBe(String(person.id))
    const keys = createRemoteJWKSet(new URL(`${stack.baseUrl}/oauth/jwks`))
    const { protectedHeader } = await jwtVerify(again.access_token, keys, {
      issuer: stack.baseUrl,
      audience: stack.baseUrl,
      typ: 'at+jwt',
    })
    expect(protectedHeader.alg).toBe(id_token_algorithm)
  })
})

it('oauth4webapi signs a person in to a client without a secret, by RFC 8414', async () => {
  const issuer = new URL(stack.baseUrl)
  const how = { [oauth.allowInsecureRequests]: true, algorithm: 'oauth2' as const }
  const server = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, how),
  )
  const { verifier, params } = newPkce()
  const url = `${server.authorization_endpoint}?${new URLSearchParams({
    client_id: app.client_id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    state: 'a state',
    resource: `${stack.baseUrl}/v1`,
    scope: 'chat',
    ...params,
  })}`
  const known = { client_id: app.client_id }
  const answer = oauth.validateAuthResponse(server, known, await agree(person, url), 'a state')
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    known,
    oauth.None(),
    answer,
    CALLBACK,
    verifier,
    how,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, known, response)
  expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'chat', expires_in: 3600 })
  expect(decodeJwt(tokens.access_token).aud).toBe(`${stack.baseUrl}/v1`)
})

describe('the example of document 001', () => {
  it('runs word for word', async () => {
    const client_id = `optima_client_${randomUUID().slice(0, 8)}`
    const { client_secret } = await newClient({
      client_id,
      redirect_uris: ['https://example.com/callback'],
    })
    const back = await agree(
      person,
      `${stack.baseUrl}/oauth/authorize?client_id=${client_id}&response_type=code&redirect_uri=https://example.com/callback&scope=read:profile`,
    )
    expect(back.origin + back.pathname).toBe('https://example.com/callback')
    const { status, headers, body } = await post('/oauth/token', {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      client_id,
      client_secret: client_secret ?? '',
      redirect_uri: 'https://example.com/callback',
    })
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    const { access_token } = body
    // The commerce backend verifies a token by asking whose it is.
    const me = await call('/users/me', { token: access_token })
    expect(me.body).toMatchObject({ id: person.id, username: person.username })
    const info = await call('/oauth/userinfo', { token: access_token })
    expect(info.body).toMatchObject({ sub: String(person.id) })
  })
})

describe('an access token', () => {
  it('reaches what its scopes name, as an API key would, and nothing else', async () => {
    const chatter = await newChatter()
    const { access_token: token } = await newTokens(chatter, app, { scope: 'chat' })
    const json = { model: MODEL, messages: [{ role: 'user', content: 'hello' }] }
    expect((await call('/v1/chat/completions', { token, json })).status).toBe(200)
    for (const path of ['/v1/models', '/api/users/me', '/api/usage/stats', '/oauth/userinfo']) {
      const { status, headers } = await call(path, { token })
      expect(status, path).toBe(403)
      expect(headers.get('www-authenticate'), path).toContain('error="insufficient_scope"')
    }
    for (const path of ['/api/api-keys', '/api/auth/sessions', '/api/users/me/grants'])
      expect((await call(path, { token })).status, path).toBe(403)
    expect((await call('/api/api-keys', { token, json: {} })).status).toBe(403)
    // It signs nobody in, agrees to nothing, and refreshes nothing.
    expect((await call('/api/auth/logout', { method: 'POST', token })).status).toBe(401)
    expect((await call('/api/auth/refresh', { json: { refresh_token: token } })).status).toBe(401)
    const asked = await authorize({
      client_id: app.client_id,
      response_type: 'code',
      redirect_uri: CALLBACK,
      ...newPkce().params,
    })
    const request = asked.location?.searchParams.get('request') ?? ''
    expect((await interact({ token }, request, 'approve')).body).toMatchObject({ needs: 'sign_in' })
  })

  it('is not one of an ID token, a session or a refresh token', async () => {
    const scope = 'openid chat'
    const { access_token, refresh_token, id_token = '' } = await newTokens(person, app, { scope })
    expect(decodeProtectedHeader(access_token).typ).toBe('at+jwt')
    for (const token of [id_token, refresh_token])
      expect((await call('/v1/models', { token })).status).toBe(401)
    // Another type in the header is another signature.
    const [, payload, signature] = access_token.split('.')
    const header = { ...decodeProtectedHeader(access_token), typ: 'JWT' }
    const head = Buffer.from(JSON.stringify(header)).toString('base64url')
    expect((await call('/v1/models', { token: `${head}.${payload}.${signature}` })).status).toBe(
      401,
    )
  })

  it('reaches the part of this server that it is for', async () => {
    const resource = `${stack.baseUrl}/v1`
    const scope = 'read:models read:quotas'
    const chatter = await newChatter()
    const { access_token: token } = await newTokens(chatter, app, { resource, scope })
    expect((await call('/v1/models', { token })).status).toBe(200)
    expect((await call('/api/quotas', { token })).status).toBe(401)
  })

  it('dies with the session, unless it may outlive it, and with the person', async () => {
    const leaver = await newPerson()
    const scope = 'read:models'
    const bound = await newTokens(leaver, app, { scope })
    const offline = await newTokens(leaver, app, { scope: `${scope} offline_access` })
    await call('/api/auth/logout', { method: 'POST', token: leaver.token })
    // `/v1` may be a few seconds behind; everything else asks.
    const ask = async (token: string) => (await call('/api/users/me', { token })).status
    expect(await ask(bound.access_token)).toBe(401)
    expect(await ask(offline.access_token)).toBe(403)
    const form = { grant_type: 'refresh_token', client_id: app.client_id }
    const refused = await post('/oauth/token', { ...form, refresh_token: bound.refresh_token })
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant'])

    const back = await call<{ access_token: string }>('/api/auth/login', {
      json: { username: leaver.username, password: leaver.password },
    })
    await call('/api/auth/logout-all', { token: back.body.access_token, json: {} })
    expect(await ask(offline.access_token)).toBe(401)
  })
})

describe('a code', () => {
  it('works once, and its second use ends what the first one gave', async () => {
    const form = await newCode(person, client, { scope: 'read:models' })
    const first = await post('/oauth/token', form)
    expect(first.status).toBe(200)
    const second = await post('/oauth/token', form)
    expect([second.status, second.body.error]).toEqual([400, 'invalid_grant'])
    expect((await call('/api/users/me', { token: first.body.access_token })).status).toBe(401)
    const refresh = { ...form, grant_type: 'refresh_token' }
    const { refresh_token } = first.body
    expect((await post('/oauth/token', { ...refresh, refresh_token })).status).toBe(400)
  })

  it('is for its client, its address and its verifier', async () => {
    const form = await newCode(person, client)
    const other = await newClient()
    const wrong = [
      { ...form, ...other, client_secret: other.client_secret ?? '' },
      { ...form, redirect_uri: `${CALLBACK}/` },
      { ...form, code_verifier: newPkce().verifier },
      { ...form, code_verifier: '' },
      { ...form, code: `${form.code.slice(0, -2)}AA` },
    ]
    for (const { client_id, client_secret = '', ...rest } of wrong) {
      const asked = { ...rest, client_id, client_secret }
      const { status, body } = await post('/oauth/token', pick(asked))
      expect([status, body.error]).toEqual([400, 'invalid_grant'])
    }
    const secret = await post('/oauth/token', { ...form, client_secret: 'another' })
    expect([secret.status, secret.body.error]).toEqual([401, 'invalid_client'])
    expect((await post('/oauth/token', form)).status).toBe(200)
  })
})

/** The fields of a request to the token endpoint, and no other. */
function pick(form: Record<string, string>): Record<string, string> {
  const names = [
    'grant_type',
    'code',
    'redirect_uri',
    'code_verifier',
    'client_id',
    'client_secret',
  ]
  return Object.fromEntries(names.map((name) => [name, form[name] ?? '']))
}

describe('a refresh token', () => {
  it('is replaced; the old one gives the same for a moment, and afterwards ends everything', async () => {
    const { refresh_token } = await newTokens(person, app, { scope: 'read:models chat' })
    const form = { grant_type: 'refresh_token', client_id: app.client_id }
    const first = await post('/oauth/token', { ...form, refresh_token, scope: 'chat' })
    expect(first.body.scope).toBe('chat')
    const again = await post('/oauth/token', { ...form, refresh_token })
    expect(again.body.refresh_token).toBe(first.body.refresh_token)
    const next = await post('/oauth/token', { ...form, refresh_token: first.body.refresh_token })
    expect(next.status).toBe(200)
    expect(next.body.scope).toBe('read:models chat')
    const replay = await post('/oauth/token', { ...form, refresh_token })
    expect(replay.body.error).toBe('invalid_grant')
    const { access_token, refresh_token: last } = next.body
    expect((await call('/api/users/me', { token: access_token })).status).toBe(401)
    expect((await post('/oauth/token', { ...form, refresh_token: last })).status).toBe(400)
  })

  it('gives its client no more than was agreed to, and others nothing', async () => {
    const { refresh_token } = await newTokens(person, app, { scope: 'chat' })
    const form = { grant_type: 'refresh_token', client_id: app.client_id, refresh_token }
    const more = await post('/oauth/token', { ...form, scope: 'chat read:usage' })
    expect(more.body.error).toBe('invalid_scope')
    const elsewhere = await post('/oauth/token', { ...form, resource: 'https://example.com' })
    expect(elsewhere.body.error).toBe('invalid_target')
    const other = await newClient({ auth_method: 'none' })
    const theirs = await post('/oauth/token', { ...form, client_id: other.client_id })
    expect(theirs.body.error).toBe('invalid_grant')
    expect((await post('/oauth/token', form)).status).toBe(200)
  })
})

describe('what an application was given', () => {
  it('can be looked at and taken back', async () => {
    const somebody = await newPerson()
    const scope = 'read:models offline_access'
    const { access_token: token } = await newTokens(somebody, app, { scope })
    const path = '/api/users/me/grants'
    const { body } = await call<unknown[]>(path, { token: somebody.token })
    expect(body).toMatchObject([
      { client_id: app.client_id, scopes: expect.arrayContaining(['read:models']) },
    ])
    const one = `${path}?client_id=${app.client_id}`
    expect((await call(one, { method: 'DELETE', token: somebody.token })).status).toBe(200)
    expect((await call('/api/users/me', { token })).status).toBe(401)
    expect((await call('/v1/models', { token })).status).toBe(401)
    expect((await call(one, { method: 'DELETE', token: somebody.token })).status).toBe(404)
    expect((await call<unknown[]>(path, { token: somebody.token })).body).toEqual([])
  })

  it('ends with the client', async () => {
    const made = await newClient({ auth_method: 'none' })
    const path = `/api/admin/clients/${made.client_id}`
    const { access_token: token } = await newTokens(person, made, { scope: 'read:profile' })
    expect((await call('/api/users/me', { token })).status).toBe(200)
    await asClientAdmin('PATCH', path, { is_active: false })
    expect((await call('/api/users/me', { token })).status).toBe(401)
    await asClientAdmin('PATCH', path, { is_active: true })
    expect((await call('/api/users/me', { token })).status).toBe(200)
    await asClientAdmin('DELETE', path)
    expect((await call('/api/users/me', { token })).status).toBe(401)
  })
})
