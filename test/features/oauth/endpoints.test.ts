import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, importPKCS8 } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { beforeAll, describe, expect, it } from 'vitest'
import { call, newPerson, stack, type TestPerson } from '../../support/stack.ts'
import {
  agree,
  authorize,
  CALLBACK,
  newClient,
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
  client = await newClient({ post_logout_redirect_uris: ['https://app.example.com/bye'] })
  app = await newClient({ auth_method: 'none' })
})

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const insecure = { execute: [openid.allowInsecureRequests] }

async function configOf(made: TestClient, auth?: openid.ClientAuth, baseUrl = stack.baseUrl) {
  const how = auth ?? openid.ClientSecretPost(made.client_secret ?? '')
  return openid.discovery(new URL(baseUrl), made.client_id, undefined, how, insecure)
}

it('openid-client asks what a token is worth, and gives it back', async () => {
  const config = await configOf(client)
  const { access_token, refresh_token } = await newTokens(person, client, { scope: 'chat openid' })
  expect(await openid.tokenIntrospection(config, access_token)).toMatchObject({
    active: true,
    client_id: client.client_id,
    sub: String(person.id),
    username: person.username,
    scope: 'chat openid',
    aud: stack.baseUrl,
    iss: stack.baseUrl,
  })
  expect(await openid.tokenIntrospection(config, refresh_token)).toMatchObject({ active: true })
  for (const token of [person.token, person.refreshToken, 'nonsense'])
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false })

  const other = await configOf(await newClient())
  expect(await openid.tokenIntrospection(other, access_token)).toEqual({ active: false })
  const keeper = await configOf(await newClient({ may_introspect: true }))
  expect(await openid.tokenIntrospection(keeper, access_token)).toMatchObject({ active: true })
  // Nobody gives back what is another's.
  await openid.tokenRevocation(other, refresh_token)
  expect(await openid.tokenIntrospection(config, access_token)).toMatchObject({ active: true })

  await openid.tokenRevocation(config, refresh_token)
  expect(await openid.tokenIntrospection(config, access_token)).toEqual({ active: false })
  expect((await call('/oauth/userinfo', { token: access_token })).status).toBe(401)
  const { access_token: second, refresh_token: its } = await newTokens(person, client)
  await openid.tokenRevocation(config, second)
  await expect(openid.refreshTokenGrant(config, its)).rejects.toMatchObject({
    error: 'invalid_grant',
  })
})

it('a client acts for itself, and is nobody here', async () => {
  const made = await newClient({ grant_types: ['client_credentials'], scopes: ['chat'] })
  const config = await configOf(made)
  const { access_token } = await openid.clientCredentialsGrant(config, { scope: 'chat openid' })
  expect(await openid.tokenIntrospection(config, access_token)).toMatchObject({
    active: true,
    sub: made.client_id,
    scope: 'chat',
  })
  expect((await call('/v1/models', { token: access_token })).status).toBe(403)
  const refused = await configOf(client)
  await expect(openid.clientCredentialsGrant(refused)).rejects.toMatchObject({
    error: 'unauthorized_client',
  })
})

it('a client proves who it is by its key, each proof once', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
  const made = await newClient({
    auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    jwks: { keys: [jwk] },
  })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const key = (await importPKCS8(pem, 'ES256')) as oauth.CryptoKey
  let assertion = ''
  const config = await configOf(made, openid.PrivateKeyJwt({ key, kid: 'one' }))
  config[openid.customFetch] = (url, options) => {
    assertion = String(new URLSearchParams(String(options.body)).get('client_assertion'))
    return fetch(url, options as RequestInit)
  }
  expect((await openid.clientCredentialsGrant(config)).token_type).toBe('bearer')
  const again = await post('/oauth/token', {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
  expect([again.status, again.body.error]).toEqual([401, 'invalid_client'])
})

it('openid-client hands in its request before', async () => {
  const config = await configOf(client)
  const { verifier, params } = newPkce()
  const url = await openid.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 'pushed',
    ...params,
  })
  expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
  const tokens = await openid.authorizationCodeGrant(config, await agree(person, url), {
    pkceCodeVerifier: verifier,
    expectedState: 'pushed',
  })
  expect(tokens.claims()?.sub).toBe(String(person.id))
  // It is this client's, and nothing else is a request's address.
  const theirs = {
    client_id: app.client_id,
    request_uri: url.searchParams.get('request_uri') ?? '',
  }
  expect((await authorize(theirs)).status).toBe(400)
  const wrong = { redirect_uri: 'https://evil.example/', response_type: 'code' }
  const secret = { client_id: client.client_id, client_secret: client.client_secret ?? '' }
  expect((await post('/oauth/par', { ...wrong, ...secret })).status).toBe(400)
})

describe('a program without a browser', () => {
  const how = { [oauth.allowInsecureRequests]: true }

  async function begin(fields: Record<string, unknown> = {}) {
    const made = await newClient({
      auth_method: 'none',
      grant_types: [DEVICE, 'refresh_token'],
      ...fields,
    })
    const issuer = new URL(stack.baseUrl)
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, how),
    )
    const known = { client_id: made.client_id }
    const params = new URLSearchParams({ scope: 'read:models' })
    const asked = await oauth.deviceAuthorizationRequest(server, known, oauth.None(), params, how)
    const codes = await oauth.processDeviceAuthorizationResponse(server, known, asked)
    const poll = async () => {
      const answer = await oauth.deviceCodeGrantRequest(
        server,
        known,
        oauth.None(),
        codes.device_code,
        how,
      )
      return oauth.processDeviceCodeResponse(server, known, answer)
    }
    return { codes, poll }
  }

  const decide = (user_code: string, decision?: string) =>
    call('/api/device-authorizations', { token: person.token, json: { user_code, decision } })

  it('gets tokens once its user has typed the code, once', async () => {
    const { codes, poll } = await begin()
    expect(codes.verification_uri_complete).toContain(codes.user_code)
    const shown = await decide(codes.user_code.toLowerCase())
    expect(shown.body).toMatchObject({ scopes: ['read:models'], account: person.username })
    await decide(codes.user_code, 'approve')
    const { access_token } = await poll()
    expect((await call('/api/users/me', { token: access_token })).status).toBe(403)
    expect((await decide(codes.user_code, 'approve')).status).toBe(404)
  })

  it('waits, is told to slow down, and hears a no', async () => {
    const { codes, poll } = await begin()
    await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' })
    await expect(poll()).rejects.toMatchObject({ error: 'slow_down' })
    const other = await begin()
    await decide(other.codes.user_code, 'deny')
    await expect(other.poll()).rejects.toMatchObject({ error: 'access_denied' })
    await decide(codes.user_code, 'deny')
    expect((await decide('AAAA-AAAA')).status).toBe(404)
  })
})

describe('logging out', () => {
  it('ends the session that the ID token came from, and goes where it may', async () => {
    const leaver = await newPerson()
    const { id_token = '' } = await newTokens(leaver, client, { scope: 'openid' })
    const config = await configOf(client)
    const url = openid.buildEndSessionUrl(config, {
      id_token_hint: id_token,
      post_logout_redirect_uri: 'https://app.example.com/bye',
      state: 'left',
    })
    const answer = await fetch(url, { redirect: 'manual' })
    expect(answer.headers.get('location')).toBe('https://app.example.com/bye?state=left')
    expect((await call('/api/auth/me', { token: leaver.token })).status).toBe(401)
  })

  it('asks the person without one, and goes nowhere that is not registered', async () => {
    const known = { client_id: client.client_id }
    const to = (params: Record<string, string>) =>
      call(`/oauth/logout?${new URLSearchParams(params)}`)
    expect((await to(known)).headers.get('location')).toMatch(/^\/console\/sign-out\?/)
    const elsewhere = { ...known, post_logout_redirect_uri: 'https://evil.example/' }
    expect((await to(elsewhere)).status).toBe(400)
    const forged = { id_token_hint: person.token }
    expect((await to(forged)).headers.get('location')).toMatch(/^\/console\/sign-out/)
    expect((await call('/api/auth/me', { token: person.token })).status).toBe(200)
  })
})
