import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as openid from 'openid-client'

/** An application of somebody else's, as small as it can be: it signs people in here, and asks a model for them. */
export interface Demo {
  url: string
  close(): Promise<void>
}

interface DemoOptions {
  /** The address of the server that people sign in with. */
  issuer: string
  clientId: string
  clientSecret: string
  model: string
  /** Where this one listens, on this machine; `<url>/callback` must be registered. */
  port: number
}

export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { issuer, clientId, clientSecret, port } = options
  const config = await openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    // For a server on this machine alone.
    execute: issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [],
  })
  const url = `http://127.0.0.1:${port}`
  const begun = new Map<string, string>()

  async function begin(res: ServerResponse): Promise<void> {
    const [state, verifier] = [openid.randomState(), openid.randomPKCECodeVerifier()]
    begun.set(state, verifier)
    const location = openid.buildAuthorizationUrl(config, {
      redirect_uri: `${url}/callback`,
      scope: 'openid profile chat',
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    res.writeHead(302, { location: location.href }).end()
  }

  async function finish(address: URL, res: ServerResponse): Promise<void> {
    const state = address.searchParams.get('state') ?? ''
    const tokens = await openid.authorizationCodeGrant(config, address, {
      pkceCodeVerifier: begun.get(state) ?? '',
      expectedState: state,
    })
    begun.delete(state)
    const answer = await fetch(`${issuer}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens.access_token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        model: options.model,
        messages: [{ role: 'user', content: 'Hello!' }],
      }),
    })
    const { choices } = (await answer.json()) as { choices?: { message: { content: string } }[] }
    const said = choices?.[0]?.message.content ?? `nothing (${answer.status})`
    res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
    res.end(`Hello ${String(tokens.claims()?.name)}. The model says: ${said}`)
  }

  const server = createServer((req: IncomingMessage, res) => {
    const address = new URL(req.url ?? '/', url)
    const done = address.pathname === '/callback' ? finish(address, res) : begin(res)
    done.catch((error: unknown) => res.writeHead(400).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url, close: () => new Promise((resolve) => server.close(() => resolve())) }
}
