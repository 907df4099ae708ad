import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, parseConfig } from '../../../src/config.ts'
import type { Ctx } from '../../../src/context.ts'
import { prepare } from '../../../src/identity/sso/discovery.ts'
import { verifyIdToken } from '../../../src/identity/sso/id-token.ts'
import { requireProvider } from '../../../src/identity/sso/registry.ts'
import type { LogFields } from '../../../src/platform/logger.ts'

/** An issuer whose documents the test writes, and which counts how often they are read. */
async function startIssuer() {
  const counts = { discovery: 0, jwks: 0 }
  const state = { metadata: {} as Record<string, unknown>, keys: [] as JWK[], status: 200 }
  const server = createServer((request, response) => {
    const isJwks = request.url === '/jwks'
    counts[isJwks ? 'jwks' : 'discovery']++
    response.writeHead(state.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isJwks ? { keys: state.keys } : state.metadata))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  state.metadata = {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/jwks`,
  }
  return { url, counts, state, stop: () => new Promise((resolve) => server.close(resolve)) }
}

let issuer: Awaited<ReturnType<typeof startIssuer>>
let now: number
let logs: LogFields[]

beforeEach(async () => {
  issuer = await startIssuer()
  now = 1_800_000_000_000
  logs = []
})
afterEach(() => issuer.stop())

function contextFor(settings: Record<string, string> = {}): Ctx {
  const config: Config = parseConfig({
    DATABASE_URL: 'postgres://u:p@db.example/d',
    UPSTASH_REDIS_REST_URL: 'https://redis.example',
    UPSTASH_REDIS_REST_TOKEN: 't',
    JWT_SECRET_KEY: '0123456789abcdefghijklmnopqrstuvwxyz',
    PLUGIN_API_ENCRYPTION_KEY: `${'q'.repeat(42)}w=`,
    OIDC_PROVIDERS: 'acme',
    OIDC_ACME_ISSUER: issuer.url,
    OIDC_ACME_CLIENT_ID: 'client',
    OIDC_ACME_CLIENT_SECRET: 'secret',
    ...settings,
  })
  return {
    config,
    clock: { now: () => now },
    requestId: 'r',
    logger: { log: (_level, _event, fields = {}) => void logs.push(fields) },
  } as Ctx
}

const ready = (settings?: Record<string, string>) => {
  const ctx = contextFor(settings)
  return prepare(ctx, requireProvider(ctx.config, 'acme'))
}

async function newKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256' }
  const sign = () =>
    new SignJWT({ nonce: 'n' })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setIssuer(issuer.url)
      .setAudience('client')
      .setSubject('s')
      .setIssuedAt(now / 1000)
      .setExpirationTime(now / 1000 + 600)
      .sign(privateKey)
  return { jwk, sign }
}

describe('discovery', () => {
  it('is read once an hour', async () => {
    await ready()
    await ready()
    expect(issuer.counts.discovery).toBe(1)
    now += 3_600_001
    await ready()
    expect(issuer.counts.discovery).toBe(2)
  })

  it('is not remembered when it failed', async () => {
    issuer.state.status = 500
    await expect(ready()).rejects.toMatchObject({ code: 'provider_failed' })
    issuer.state.status = 200
    expect((await ready()).endpoints.token).toBe(`${issuer.url}/token`)
  })

  it.each([
    ['of another issuer', { issuer: 'https://evil.example' }],
    ['without an issuer', { issuer: undefined }],
    ['without keys', { jwks_uri: undefined }],
    ['with an endpoint that is no web address', { token_endpoint: 'file:///etc/passwd' }],
  ])('is refused when it is %s', async (_case, change) => {
    Object.assign(issuer.state.metadata, change)
    await expect(ready()).rejects.toMatchObject({ code: 'provider_failed' })
  })

  it('forgives a slash at the end of the issuer, as Authentik has it', async () => {
    issuer.state.metadata.issuer = `${issuer.url}/`
    expect((await ready()).issuer).toBe(`${issuer.url}/`)
  })

  it('decides on PKCE and the form of client authentication, unless they are configured', async () => {
    expect(await ready()).toMatchObject({ pkce: true, clientAuth: 'basic' })
    Object.assign(issuer.state.metadata, {
      code_challenge_methods_supported: ['plain'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    })
    now += 3_600_001
    expect(await ready()).toMatchObject({ pkce: false, clientAuth: 'post' })
    expect(await ready({ OIDC_ACME_CLIENT_AUTH: 'basic' })).toMatchObject({ clientAuth: 'basic' })
  })

  it('gives way to endpoints that are configured', async () => {
    const { endpoints } = await ready({ OIDC_ACME_TOKEN_ENDPOINT: 'https://proxy.example/token' })
    expect(endpoints.token).toBe('https://proxy.example/token')
  })
})

describe("an issuer's keys", () => {
  it('are read once, and anew when it has changed them', async () => {
    const [old, fresh] = [await newKey('old'), await newKey('fresh')]
    issuer.state.keys = [old.jwk]
    const provider = await ready()
    const check = async (token: string) => verifyIdToken(contextFor(), provider, token, 'n')
    await check(await old.sign())
    await check(await old.sign())
    expect(issuer.counts.jwks).toBe(1)

    issuer.state.keys = [fresh.jwk]
    now += 31_000
    expect(await check(await fresh.sign())).toMatchObject({ sub: 's' })
    expect(issuer.counts.jwks).toBe(2)
    await expect(check(await old.sign())).rejects.toMatchObject({ name: 'IdTokenError' })
  })

  it('are not read again and again for keys that nobody has', async () => {
    const [known, unknown] = [await newKey('known'), await newKey('unknown')]
    issuer.state.keys = [known.jwk]
    const provider = await ready()
    for (let attempt = 0; attempt < 5; attempt++) {
      const token = await unknown.sign()
      await expect(verifyIdToken(contextFor(), provider, token, 'n')).rejects.toMatchObject({
        message: 'ERR_JWKS_NO_MATCHING_KEY',
      })
    }
    expect(issuer.counts.jwks).toBe(1)
  })

  it('that are malformed are an error of the provider', async () => {
    const key = await newKey('k')
    issuer.state.keys = [{ kty: 'EC', kid: 'k', alg: 'ES256', crv: 'P-256', x: '!', y: '!' }]
    const provider = await ready()
    await expect(
      verifyIdToken(contextFor(), provider, await key.sign(), 'n'),
    ).rejects.toMatchObject({ name: 'IdTokenError' })
  })
})
