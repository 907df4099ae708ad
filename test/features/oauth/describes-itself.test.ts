import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server } from 'node:net'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, newPerson, type TestPerson, waitFor } from '../../support/stack.ts'
import { type OwnWorker, PRODUCTION, workerWith } from '../../support/worker-with.ts'
import { agree, authorize, CALLBACK, interact, newPkce, workerByItsName } from './support.ts'

/** Applications that nobody has made known: they register, or are known by the address of a document. */

let person: TestPerson
let open: OwnWorker
beforeAll(async () => {
  open = await workerByItsName({ OAUTH_REGISTRATION: 'open' })
  person = await newPerson(open.url)
})
afterAll(() => open.close())

describe('an application that registers', () => {
  it('changes itself and has itself forgotten', async () => {
    const baseUrl = open.url
    const metadata = { redirect_uris: [CALLBACK], client_name: 'Itself' }
    const made = await call<Record<string, string>>('/oauth/register', { json: metadata, baseUrl })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ client_name: 'Itself', grant_types: ['authorization_code'] })
    const path = `/oauth/register/${made.body.client_id}`
    const own = { token: made.body.registration_access_token ?? '', baseUrl }
    const json = { ...metadata, client_name: 'Another' }
    const changed = await call(path, { ...own, method: 'PUT', json })
    expect(changed.body).toMatchObject({ client_name: 'Another' })
    expect((await call(path, { ...own, token: 'wrong' })).status).toBe(401)
    const bad = { redirect_uris: ['http://evil.example/'] }
    const refused = await call('/oauth/register', { json: bad, baseUrl })
    expect(refused.body).toMatchObject({ error: 'invalid_redirect_uri' })
    expect((await call(path, { ...own, method: 'DELETE' })).status).toBe(204)
    expect((await call(path, own)).status).toBe(401)
  })

  const grant_types = ['authorization_code', 'refresh_token']
  it.each([
    ['a secret', { grant_types }],
    ['no secret', { grant_types, token_endpoint_auth_method: 'none' }],
    ['ID tokens by ES256', { grant_types, id_token_signed_response_alg: 'ES256' }],
  ])('by openid-client signs people in, with %s', async (_, metadata) => {
    const config = await openid.dynamicClientRegistration(
      new URL(open.url),
      { redirect_uris: [CALLBACK], client_name: 'By openid-client', ...metadata },
      undefined,
      { execute: [openid.allowInsecureRequests] },
    )
    const verifier = openid.randomPKCECodeVerifier()
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid profile',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const tokens = await openid.authorizationCodeGrant(config, await agree(person, url, open.url), {
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    })
    expect(tokens.claims()?.sub).toBe(String(person.id))
    const again = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(again.access_token).toMatch(/^ey/)
  })

  it('does so where the operator wants that, by a token where it takes one', async () => {
    const json = { redirect_uris: [CALLBACK] }
    expect((await call('/oauth/register', { json })).status).toBe(404)
    const token = 'a-registration-token-of-forty-characters'
    await using worker = await workerByItsName({
      OAUTH_REGISTRATION: 'token',
      OAUTH_REGISTRATION_TOKEN: token,
    })
    expect((await call('/oauth/register', { json, baseUrl: worker.url })).status).toBe(401)
    const made = await openid.dynamicClientRegistration(new URL(worker.url), json, undefined, {
      initialAccessToken: token,
      execute: [openid.allowInsecureRequests],
    })
    expect(made.clientMetadata().client_id).toMatch(/^[\w-]{16}$/)
  })
})

describe('an application that is known by the address of its document', () => {
  let server: ReturnType<typeof createServer>
  let base: string
  /** The paths that were asked for. */
  const hits: string[] = []
  /** Those of which the other side has hung up without an answer. */
  const left: string[] = []

  const json = (res: ServerResponse, text: string, type = 'application/json') =>
    res.writeHead(200, { 'content-type': type }).end(text)

  const document = (path: string, more: Record<string, unknown> = {}) => ({
    client_id: base + path,
    client_name: 'By its document',
    redirect_uris: ['http://127.0.0.1/callback'],
    ...more,
  })

  /** A document of just so many bytes. */
  function ofSize(path: string, bytes: number): string {
    const bare = JSON.stringify(document(path, { padding: '' })).length
    return JSON.stringify(document(path, { padding: 'x'.repeat(bytes - bare) }))
  }

  const answers: Record<string, (res: ServerResponse, path: string) => unknown> = {
    '/client.json': (res, path) => json(res, JSON.stringify(document(path))),
    '/special.json': (res, path) =>
      json(res, JSON.stringify(document(path)), 'application/client-metadata+json; charset=utf-8'),
    '/5120.json': (res, path) => json(res, ofSize(path, 5_120)),
    '/5121.json': (res, path) => json(res, ofSize(path, 5_121)),
    '/other.json': (res) => json(res, JSON.stringify(document('/another.json'))),
    '/text.json': (res, path) => json(res, JSON.stringify(document(path)), 'text/html'),
    '/broken.json': (res) => json(res, '{'),
    '/bad-address.json': (res, path) =>
      json(res, JSON.stringify(document(path, { redirect_uris: ['http://evil.example/'] }))),
    '/secret.json': (res, path) =>
      json(
        res,
        JSON.stringify(document(path, { token_endpoint_auth_method: 'client_secret_basic' })),
      ),
    ...Object.fromEntries(
      [301, 302, 303, 307, 308].map((status) => [
        `/moved-${status}.json`,
        (res: ServerResponse, path: string) =>
          res.writeHead(status, { location: `${base}/target${path}` }).end(),
      ]),
    ),
    '/never.json': () => undefined,
    '/half.json': (res, path) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      res.write(JSON.stringify(document(path)).slice(0, 20))
    },
  }

  beforeAll(async () => {
    server = createServer((req: IncomingMessage, res) => {
      const path = req.url ?? ''
      hits.push(path)
      res.on('close', () => res.writableEnded || left.push(path))
      // What a redirect leads to would do.
      if (path.startsWith('/target'))
        return json(res, JSON.stringify(document(path.slice('/target'.length))))
      const answer = answers[path]
      return answer ? answer(res, path) : res.writeHead(404).end()
    })
    base = `http://127.0.0.1:${await listen(server)}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const ask = (client_id: string, baseUrl = open.url) =>
    authorize(
      {
        client_id,
        response_type: 'code',
        redirect_uri: 'http://127.0.0.1:49152/callback',
        scope: 'chat',
        ...newPkce().params,
      },
      baseUrl,
    )

  it.each(['/client.json', '/special.json', '/5120.json'])('%s', async (path) => {
    const asked = await ask(base + path)
    const request = asked.location?.searchParams.get('request') ?? ''
    const { body } = await interact(person, request, undefined, open.url)
    expect(body).toMatchObject({
      needs: 'consent',
      client: { name: 'By its document', source: 'document' },
    })
  })

  it('is read once, by all of us', async () => {
    await ask(`${base}/client.json`)
    await using other = await workerWith({})
    expect((await ask(`${base}/client.json`, other.url)).status).toBe(303)
    expect(hits.filter((path) => path === '/client.json')).toHaveLength(1)
  })

  it.each([
    ['one that describes another', '/other.json'],
    ['one that is too large by a byte', '/5121.json'],
    ['one of another type', '/text.json'],
    ['one that is no JSON', '/broken.json'],
    ['one that leads to a stranger', '/bad-address.json'],
    ['one with a secret that everybody can read', '/secret.json'],
    ['none', '/none.json'],
    ...[301, 302, 303, 307, 308].map((status) => [
      `a redirect by ${status}`,
      `/moved-${status}.json`,
    ]),
  ])('is refused for %s', async (_, path = '') => {
    expect((await ask(base + path)).body).toMatchObject({ error: 'invalid_request' })
    expect(hits).toContain(path)
    expect(hits).not.toContain(`/target${path}`)
  })

  it('is given up when it does not come in time, whole', { timeout: 90_000 }, async () => {
    const paths = ['/never.json', '/half.json']
    const asked = await Promise.all(paths.map((path) => ask(base + path)))
    expect(asked.map(({ body }) => body.error)).toEqual(['invalid_request', 'invalid_request'])
    await waitFor(async () => paths.every((path) => left.includes(path)))
  })

  it('is asked for at public addresses alone', async () => {
    await using worker = await workerWith(PRODUCTION)
    const before = hits.length
    let connections = 0
    const secure = createTcpServer((socket) => {
      connections++
      socket.destroy()
    })
    const port = await listen(secure)
    try {
      const addresses = [
        `${base}/client.json`,
        ...['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f000001'].map(
          (host) => `https://${host}:${port}/client.json`,
        ),
        ...['10.0.0.1', '169.254.169.254', '[fd00::1]', 'printer.local', 'metadata.internal'].map(
          (host) => `https://${host}/client.json`,
        ),
        'https://user@app.example.com/client.json',
        'https://app.example.com:8443/client.json',
        'https://app.example.com/client.json#part',
        'https://app.example.com/a/../client.json',
        'https://app.example.com/',
      ]
      for (const address of addresses)
        expect((await ask(address, worker.url)).body, address).toMatchObject({
          error: 'invalid_request',
        })
      expect([hits.length - before, connections]).toEqual([0, 0])
      expect(worker.logs.join('\n')).not.toMatch(/fetch failed|ECONN/i)
    } finally {
      secure.close()
    }
  })
})

async function listen(server: Server | ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}
