import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { newAdmin } from '../../support/admin.ts'
import { call, stack, type TestPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

export const CALLBACK = 'https://app.example.com/callback'

export interface TestClient {
  client_id: string
  client_secret: string | null
}

let admin: Promise<TestPerson> | undefined

/** Makes a client as an administrator. */
export async function newClient(
  fields: Record<string, unknown> = {},
  baseUrl = stack.baseUrl,
): Promise<TestClient> {
  admin ??= newAdmin()
  const { token } = await admin
  const json = { name: 'An application', redirect_uris: [CALLBACK], ...fields }
  const made = await call<TestClient>('/api/admin/clients', { token, json, baseUrl })
  if (made.status !== 201) throw new Error(`the client was not made: ${JSON.stringify(made.body)}`)
  return made.body
}

export async function asClientAdmin<Body = Record<string, unknown>>(
  method: string,
  path: string,
  json?: unknown,
) {
  admin ??= newAdmin()
  return call<Body>(path, {
    method,
    token: (await admin).token,
    ...(json !== undefined && { json }),
  })
}

/** A verifier and its challenge (RFC 7636). */
export function newPkce() {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  return { verifier, params: { code_challenge: challenge, code_challenge_method: 'S256' } }
}

/** Sends an authorization request as a browser does. @returns where it is sent on */
export async function authorize(params: Record<string, string>, baseUrl = stack.baseUrl) {
  const answer = await call(`/oauth/authorize?${new URLSearchParams(params)}`, { baseUrl })
  const location = answer.headers.get('location')
  return { ...answer, location: location === null ? null : new URL(location, baseUrl) }
}

export interface InteractionBody {
  needs: 'nothing' | 'sign_in' | 'consent'
  redirect_to?: string
  client?: { id: string; name: string; source: string }
  scopes?: string[]
  account?: string | null
  code?: string
}

/** What the consent page asks, as a person or as nobody. */
export async function interact(
  person: { token: string } | null,
  request: string,
  decision?: 'approve' | 'deny',
  baseUrl = stack.baseUrl,
) {
  return call<InteractionBody>('/api/authorizations', {
    ...(person && { token: person.token }),
    json: { request, ...(decision && { decision }) },
    baseUrl,
  })
}

/** The whole way of a person who agrees. @returns where the application gets its answer */
export async function agree(
  person: { token: string },
  url: string | URL,
  baseUrl = stack.baseUrl,
): Promise<URL> {
  const asked = await fetch(url, { redirect: 'manual' })
  const location = new URL(asked.headers.get('location') ?? 'none:', baseUrl)
  const request = location.searchParams.get('request')
  if (request === null) throw new Error(`sent on to ${location}`)
  const { body } = await interact(person, request, 'approve', baseUrl)
  if (!body.redirect_to) throw new Error(`the page was told ${JSON.stringify(body)}`)
  return new URL(body.redirect_to)
}

export interface Tokens {
  access_token: string
  refresh_token: string
  id_token?: string
  token_type: string
  expires_in: number
  scope: string
  error?: string
}

/** Posts a form to the provider. */
export async function post<Body = Tokens>(
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
  baseUrl = stack.baseUrl,
) {
  return call<Body>(path, {
    method: 'POST',
    text: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    baseUrl,
  })
}

/** A code for a client, and what it is exchanged with. */
export async function newCode(
  person: { token: string },
  client: TestClient,
  params: Record<string, string> = {},
  baseUrl = stack.baseUrl,
) {
  const pkce = newPkce()
  const query = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    ...pkce.params,
    ...params,
  })
  const back = await agree(person, `${baseUrl}/oauth/authorize?${query}`, baseUrl)
  return {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: params.redirect_uri ?? CALLBACK,
    code_verifier: pkce.verifier,
    client_id: client.client_id,
    ...(client.client_secret && { client_secret: client.client_secret }),
  }
}

/** Tokens for a client of a person. */
export async function newTokens(
  person: { token: string },
  client: TestClient,
  params: Record<string, string> = {},
  baseUrl = stack.baseUrl,
): Promise<Tokens> {
  const form = await newCode(person, client, params, baseUrl)
  const { status, body } = await post('/oauth/token', form, {}, baseUrl)
  if (status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`)
  return body
}

/** A Worker that says of itself where it is, as strict clients want. */
export async function workerByItsName(settings: Record<string, string>): Promise<OwnWorker> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  const PUBLIC_URL = `http://127.0.0.1:${port}`
  return workerWith({ ...settings, PUBLIC_URL }, stack.bindings, { port })
}
