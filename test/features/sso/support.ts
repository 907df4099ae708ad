import { randomUUID } from 'node:crypto'
import { type AddressInfo, createServer } from 'node:net'
import { OAuth2Server } from 'oauth2-mock-server'
import { checkAgainstDescription } from '../../support/description.ts'
import { type ApiAnswer, stack } from '../../support/stack.ts'
import { type OwnWorker, workerWith as ownWorkerWith } from '../../support/worker-with.ts'

/** What an identity server says about whoever signs in next, and how it misbehaves. */
export interface Script {
  /** Claims of the ID token, or of none where there is no ID token. */
  claims: Record<string, unknown>
  /** Answer of the user-info endpoint. */
  userInfo: Record<string, unknown>
  userInfoStatus?: number
  emails?: unknown
  /** What it says about an access token that it is asked about. */
  tokenCheck?: unknown
  /** Changes the token endpoint's answer. */
  tokens?: (body: Record<string, unknown>) => unknown
  tokenStatus?: number
}

interface BackChannelCall {
  method: string
  path: string
  authorization: string | undefined
  body: unknown
}

type Seen = { method?: string; url?: string; headers: { authorization?: string }; body?: unknown }

export interface Idp {
  url: string
  server: OAuth2Server
  script: Script
  /** Every call of the back channel. */
  calls: BackChannelCall[]
  /** Says who signs in next. */
  next(script: Partial<Script>): void
  stop(): Promise<void>
}

/** Starts an identity server that signs in whomever the test names, without asking. */
export async function startIdp(): Promise<Idp> {
  const server = new OAuth2Server()
  await server.issuer.keys.generate('RS256')
  const calls: Idp['calls'] = []
  const idp: Idp = {
    url: '',
    server,
    calls,
    script: { claims: {}, userInfo: {} },
    next: (script) => {
      idp.script = { claims: {}, userInfo: {}, ...script }
    },
    stop: () => server.stop(),
  }
  const { service } = server
  service.on('beforeTokenSigning', (token: { payload: object }) => {
    Object.assign(token.payload, idp.script.claims)
    for (const [name, value] of Object.entries(token.payload))
      if (value === undefined) delete (token.payload as Record<string, unknown>)[name]
  })
  const note = ({ method = '', url = '', headers, body }: Seen) =>
    void calls.push({ method, path: url, authorization: headers.authorization, body })
  type Reply = { body: Record<string, unknown>; statusCode: number }
  service.on('beforeResponse', (reply: Reply, request: Seen) => {
    note(request)
    idp.script.tokens?.(reply.body)
    reply.statusCode = idp.script.tokenStatus ?? 200
  })
  service.on('beforeUserinfo', (reply: Reply, request: Seen) => {
    note(request)
    reply.body = idp.script.userInfo
    reply.statusCode = idp.script.userInfoStatus ?? 200
  })
  service.on('beforeRevoke', (_reply: Reply, request: Seen) => note(request))
  /** GitHub's and Facebook's own additions. */
  const answer = (method: 'GET' | 'POST' | 'DELETE', path: string, json: () => unknown) =>
    service.addRoute(method, path, async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      note({ method, url: path, headers: request.headers as Seen['headers'], body })
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(json()))
    })
  answer('GET', '/user/emails', () => idp.script.emails ?? [])
  answer('POST', '/applications/github-client/token', () => idp.script.tokenCheck)
  answer('DELETE', '/applications/github-client/grant', () => null)
  answer('GET', '/debug_token', () => idp.script.tokenCheck)
  answer('DELETE', '/me/permissions', () => ({ success: true }))
  await server.start(0, '127.0.0.1')
  idp.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.issuer.url = idp.url
  return idp
}

/** Settings of all named providers, served by one identity server as if by four. */
export function namedProviders(idp: Idp): Record<string, string> {
  const settings = (prefix: string, extra: Record<string, string> = {}) => ({
    [`${prefix}_CLIENT_ID`]: `${prefix.toLowerCase()}-client`,
    [`${prefix}_CLIENT_SECRET`]: `${prefix.toLowerCase()}-secret`,
    [`${prefix}_AUTHORIZATION_ENDPOINT`]: `${idp.url}/authorize`,
    [`${prefix}_TOKEN_ENDPOINT`]: `${idp.url}/token`,
    [`${prefix}_USER_INFO_ENDPOINT`]: `${idp.url}/userinfo`,
    [`${prefix}_ISSUER`]: `https://${prefix.toLowerCase()}.example`,
    ...extra,
  })
  return {
    ...settings('OAUTH'),
    ...settings('GITHUB', {
      GITHUB_EMAILS_ENDPOINT: `${idp.url}/user/emails`,
      GITHUB_REVOCATION_ENDPOINT: `${idp.url}/applications/{client_id}/grant`,
      GITHUB_TOKEN_CHECK_ENDPOINT: `${idp.url}/applications/{client_id}/token`,
    }),
    ...settings('FACEBOOK', {
      FACEBOOK_TOKEN_CHECK_ENDPOINT: `${idp.url}/debug_token`,
      FACEBOOK_REVOCATION_ENDPOINT: `${idp.url}/me/permissions`,
    }),
    GOOGLE_CLIENT_ID: 'google-client',
    GOOGLE_CLIENT_SECRET: 'google-secret',
    GOOGLE_ISSUER: idp.url,
  }
}

/** A Worker of the test's own that knows its address, as a deployed one does. */
export async function workerWith(settings: Record<string, string>): Promise<OwnWorker> {
  const port = await freePort()
  return ownWorkerWith(
    { PUBLIC_URL: `http://127.0.0.1:${port}`, LOG_LEVEL: 'info', ...settings },
    stack.bindings,
    { port },
  )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export type Answer = ApiAnswer<
  Record<string, unknown> & { user?: { id: number; username: string } }
>

/** A person's browser: keeps cookies by host, says where a request comes from, follows nothing by itself. */
export class Browser {
  readonly baseUrl: string
  readonly #jar = new Map<string, Map<string, string>>()

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl
  }

  /** Types an address, or follows a link. */
  visit(url: string, accept = 'text/html,application/xhtml+xml,*/*;q=0.8'): Promise<Answer> {
    return this.#request(url, { accept, 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' })
  }

  /** A call of the front end's script. */
  api(path: string, json?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const origin = { origin: this.baseUrl, 'sec-fetch-site': 'same-origin' }
    return this.#request(path, { accept: 'application/json', ...origin, ...headers }, json)
  }

  /** Goes to the identity server and comes back with the address that it sends the browser to. */
  async consent(authorizationUrl: string): Promise<URL> {
    const { headers, status } = await this.visit(authorizationUrl)
    const location = headers.get('location')
    if (!location) throw new Error(`the identity server answered ${status}`)
    return new URL(location)
  }

  /** Signs in by redirects alone, and returns the last answer. */
  async login(provider: string, query = '', accept?: string): Promise<Answer> {
    const { headers } = await this.visit(`/oauth/${provider}/login${query}`)
    return this.visit((await this.consent(headers.get('location') ?? '')).href, accept)
  }

  cookies(url = this.baseUrl): Map<string, string> {
    const { host } = new URL(url)
    const jar = this.#jar.get(host) ?? new Map<string, string>()
    this.#jar.set(host, jar)
    return jar
  }

  async #request(url: string, headers: Record<string, string>, json?: unknown): Promise<Answer> {
    const target = new URL(url, this.baseUrl)
    const jar = this.cookies(target.href)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(target, {
      method: json === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        ...headers,
        ...(cookie && { cookie }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const at = pair.indexOf('=')
      const isGone = attributes.some((attribute) => /^max-age=0$/i.test(attribute))
      if (isGone) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const body = isJson ? JSON.parse(text) : { text }
    if (target.origin === this.baseUrl) {
      await checkAgainstDescription({
        method: json === undefined ? 'GET' : 'POST',
        path: target.pathname,
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        body: isJson ? body : text,
      })
    }
    return { status: response.status, headers: response.headers, body }
  }
}

/** A subject that nobody else has. */
export const freshSubject = () => randomUUID()
export const freshEmail = () => `${randomUUID().slice(0, 13)}@example.com`
