import { createServer } from 'node:http'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stack } from '../../support/stack.ts'
import { CALLBACK, newClient, newPkce } from './support.ts'

/**
 * The same hostile requests to a certified provider and to ours: what it refuses, ours refuses as well. Where each
 * of them names another error, both names stand here.
 */

const SECRET = 'a secret that is only for this test'

let theirs: string
let stop: () => Promise<void>
let ours: { client_id: string; client_secret: string | null }
let open: { client_id: string }

beforeAll(async () => {
  ours = await newClient()
  open = await newClient({ auth_method: 'none' })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  theirs = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  const both = {
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }
  const provider = new Provider(theirs, {
    clients: [
      {
        ...both,
        client_id: ours.client_id,
        client_secret: SECRET,
        token_endpoint_auth_method: 'client_secret_post',
      },
      { ...both, client_id: open.client_id, token_endpoint_auth_method: 'none' },
    ],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true },
      revocation: { enabled: true },
    },
    interactions: { url: () => '/interaction' },
    cookies: { keys: ['only for this test'] },
  })
  server.on('request', provider.callback())
  stop = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
})
afterAll(() => stop())

type Outcome = { goes: 'on' | 'back' | 'nowhere'; error: string | null }

/** What becomes of an authorization request. */
async function outcomeOf(address: string, query: string): Promise<Outcome> {
  const answer = await fetch(`${address}?${query}`, { redirect: 'manual' })
  await answer.body?.cancel()
  const location = answer.headers.get('location')
  if (location === null) return { goes: 'nowhere', error: null }
  const target = new URL(location, address)
  const error =
    target.searchParams.get('error') ?? new URLSearchParams(target.hash.slice(1)).get('error')
  if (!target.href.startsWith(CALLBACK)) return { goes: 'on', error: null }
  return { goes: 'back', error }
}

const both = async (params: Record<string, string>, more = '') => {
  const query = `${new URLSearchParams(params)}${more}`
  return {
    theirs: await outcomeOf(`${theirs}/auth`, query),
    ours: await outcomeOf(`${stack.baseUrl}/oauth/authorize`, query),
  }
}

const good = () => ({
  client_id: open.client_id,
  response_type: 'code',
  redirect_uri: CALLBACK,
  scope: 'openid',
  state: 'a state',
  ...newPkce().params,
})

/** A change of a good request; an empty value leaves the parameter out. */
const CHANGES: [string, Record<string, string>, string?][] = [
  ['nothing changed', {}],
  ['no client', { client_id: '' }],
  ['an unknown client', { client_id: 'nobody' }],
  ['another address', { redirect_uri: 'https://evil.example/' }],
  ['an address with a slash more', { redirect_uri: `${CALLBACK}/` }],
  ['an address with a query', { redirect_uri: `${CALLBACK}?x=y` }],
  ['an address with a fragment', { redirect_uri: `${CALLBACK}#x` }],
  ['an address in capitals', { redirect_uri: CALLBACK.toUpperCase() }],
  ['an address with dots', { redirect_uri: `${CALLBACK}/../callback` }],
  ['an address with a port', { redirect_uri: CALLBACK.replace('.com', '.com:443') }],
  ['plain HTTP', { redirect_uri: CALLBACK.replace('https', 'http') }],
  ['an encoded address', { redirect_uri: CALLBACK.replace('callback', '%63allback') }],
  ['no response type', { response_type: '' }],
  ['a token', { response_type: 'token' }],
  ['a code and a token', { response_type: 'code token' }],
  ['an ID token', { response_type: 'id_token', nonce: 'n' }],
  ['an unknown response type', { response_type: 'cookie' }],
  ['an unknown response mode', { response_mode: 'pigeon' }],
  ['no challenge', { code_challenge: '', code_challenge_method: '' }],
  ['a method alone', { code_challenge: '' }],
  ['a plain challenge', { code_challenge_method: 'plain' }],
  ['an unknown method', { code_challenge_method: 'S512' }],
  ['a challenge that is too short', { code_challenge: 'abc' }],
  ['a challenge of other letters', { code_challenge: `${'a'.repeat(42)}!` }],
  ['a challenge that is too long', { code_challenge: 'a'.repeat(129) }],
  ['an unknown prompt', { prompt: 'later' }],
  ['no prompt and one', { prompt: 'none login' }],
  ['no prompt', { prompt: 'none' }],
  ['an age that is no number', { max_age: 'young' }],
  ['a negative age', { max_age: '-1' }],
  ['a request object', { request: 'e30.e30.' }],
  ['a request elsewhere', { request_uri: 'https://evil.example/request' }],
  ['a resource elsewhere', { resource: 'https://api.example.com/' }],
  ['a resource with a fragment', { resource: 'https://api.example.com/#x' }],
  ['a resource that is no address', { resource: 'api' }],
  ['two clients', {}, '&client_id=other'],
  ['two addresses', {}, `&redirect_uri=${encodeURIComponent('https://evil.example/')}`],
  ['two scopes', {}, '&scope=openid'],
  ['two states', {}, '&state=other'],
  ['two challenges', {}, `&code_challenge=${'b'.repeat(43)}`],
]

describe('an authorization request with', () => {
  it.each(CHANGES)(
    '%s is not let further than by a certified provider',
    async (_, change, more) => {
      const params = Object.fromEntries(
        Object.entries({ ...good(), ...change }).filter(([, value]) => value !== ''),
      )
      const outcome = await both(params, more)
      const rank = { nowhere: 0, back: 1, on: 2 }
      // `prompt=none` is answered by our page, which alone knows who is signed in.
      if (change.prompt === 'none') return expect(outcome.ours.goes).toBe('on')
      expect(rank[outcome.ours.goes], JSON.stringify(outcome)).toBeLessThanOrEqual(
        rank[outcome.theirs.goes],
      )
      return undefined
    },
  )
})

/** Forms for the token endpoint; `SECRET` stands for the client's own. */
const FORMS: [string, Record<string, string>, string?][] = [
  ['nothing', {}],
  ['no grant type', { client_id: 'CLIENT', client_secret: 'SECRET' }],
  ['a password', { grant_type: 'password', client_id: 'CLIENT', client_secret: 'SECRET' }],
  // RFC 6749 §5.2 has it so.
  [
    'no client',
    { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK },
    'invalid_client',
  ],
  ['no secret', { grant_type: 'authorization_code', code: 'x', client_id: 'CLIENT' }],
  ['a wrong secret', { grant_type: 'authorization_code', client_id: 'CLIENT', client_secret: 'x' }],
  ['an unknown client', { grant_type: 'authorization_code', client_id: 'x', client_secret: 'x' }],
  [
    'a secret of a client without',
    { grant_type: 'refresh_token', client_id: 'OPEN', client_secret: 'x' },
  ],
  [
    'a made-up code',
    {
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: CALLBACK,
      client_id: 'CLIENT',
      client_secret: 'SECRET',
    },
  ],
  [
    'a made-up refresh token',
    {
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_id: 'CLIENT',
      client_secret: 'SECRET',
    },
  ],
  // Theirs has no such grant for anybody here.
  [
    'a grant that is not its own',
    { grant_type: 'client_credentials', client_id: 'CLIENT', client_secret: 'SECRET' },
    'unauthorized_client',
  ],
  [
    'a forged assertion',
    {
      grant_type: 'authorization_code',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'e30.e30.e30',
      client_id: 'CLIENT',
    },
  ],
]

describe('the token endpoint, asked with', () => {
  it.each(FORMS)(
    '%s, refuses as a certified provider does',
    async (_: string, form: Record<string, string>, other?: string) => {
      const ask = async (address: string, secret: string) => {
        const values: Record<string, string> = {
          CLIENT: ours.client_id,
          OPEN: open.client_id,
          SECRET: secret,
        }
        const filled = Object.fromEntries(
          Object.entries(form).map(([name, value]) => [name, values[value] ?? value]),
        )
        const answer = await fetch(address, { method: 'POST', body: new URLSearchParams(filled) })
        const { error } = (await answer.json()) as { error: string }
        return { status: answer.status, error }
      }
      const [certified, own] = await Promise.all([
        ask(`${theirs}/token`, SECRET),
        ask(`${stack.baseUrl}/oauth/token`, ours.client_secret ?? ''),
      ])
      expect(certified.status).toBeGreaterThanOrEqual(400)
      expect(own.status).toBeGreaterThanOrEqual(400)
      expect(own.status).toBeLessThan(500)
      expect([certified.error, other]).toContain(own.error)
    },
  )
})
