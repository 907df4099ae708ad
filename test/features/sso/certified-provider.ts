import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface CertifiedClient {
  client_id: string
  client_secret?: string
  token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post' | 'none'
  redirect_uris: string[]
}

/** Who signs in next; null: they decline. */
export type Account = { sub: string } & Record<string, unknown>

/**
 * A certified OpenID provider in its strict default form: it demands PKCE, exact callback addresses
 * and the client's authentication, gives each code out once, and puts the claims of a scope into the
 * user info only.
 */
export async function startCertifiedProvider() {
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end()
  const server = createServer((request, response) => listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let current: Account | null = null
  const accounts = new Map<string, Account>()
  const events: string[] = []

  return {
    url,
    /** What happened inside: grants given, revoked, refused. */
    events,
    next(account: Account | null) {
      current = account
      if (account) accounts.set(account.sub, account)
    },
    /** The clients' callback addresses are known only when the Worker runs. */
    open(clients: CertifiedClient[]) {
      const provider = new Provider(url, {
        clients: clients.map((client) => ({
          ...client,
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
        })),
        findAccount: (_ctx: unknown, sub: string) => ({
          accountId: sub,
          claims: () => accounts.get(sub),
        }),
        claims: {
          openid: ['sub'],
          email: ['email', 'email_verified'],
          profile: ['name', 'picture', 'preferred_username'],
        },
        pkce: { required: () => true },
        issueRefreshToken: () => true,
        rotateRefreshToken: true,
        features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
        interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
        ttl: Object.fromEntries(
          ['AccessToken', 'Grant', 'IdToken', 'Interaction', 'RefreshToken', 'Session'].map(
            (kind) => [kind, 3600],
          ),
        ),
        cookies: { keys: ['only for this test'] },
      })
      for (const event of [
        'grant.success',
        'grant.error',
        'grant.revoked',
        'refresh_token.destroyed',
      ])
        provider.on(event, () => events.push(event))
      provider.use(async (ctx, next) => {
        if (!ctx.path.startsWith('/interaction/')) return next()
        await provider.interactionFinished(ctx.req, ctx.res, await decide(provider, ctx, current))
      })
      listener = (request, response) => void provider.callback()(request, response)
    },
    stop: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function decide(
  provider: Provider,
  ctx: {
    req: Parameters<Provider['interactionDetails']>[0]
    res: Parameters<Provider['interactionDetails']>[1]
  },
  account: Account | null,
): Promise<object> {
  if (!account) return { error: 'access_denied', error_description: 'declined' }
  const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res)
  if (prompt.name === 'login') return { login: { accountId: account.sub } }
  const grant = new provider.Grant({
    accountId: session?.accountId ?? account.sub,
    clientId: params.client_id,
  })
  grant.addOIDCScope(params.scope ?? 'openid')
  return { consent: { grantId: await grant.save() } }
}
