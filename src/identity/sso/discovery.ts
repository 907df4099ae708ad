import * as z from 'zod'
import type { ClientAuth, ProviderEndpoints } from '../../config/login-providers.ts'
import type { Ctx } from '../../context.ts'
import { createProviderHttp, type ProviderHttp } from './provider-http.ts'
import type { Provider } from './registry.ts'

const FRESH_MS = 3_600_000
const MAX_CACHED = 100

const Endpoint = z.url({ protocol: /^https?$/ })
/** OpenID Connect Discovery §3. */
const Metadata = z.object({
  issuer: z.string().min(1),
  authorization_endpoint: Endpoint,
  token_endpoint: Endpoint,
  jwks_uri: Endpoint,
  userinfo_endpoint: Endpoint.optional(),
  revocation_endpoint: Endpoint.optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
})
type Metadata = z.output<typeof Metadata>

/** A provider with everything that a flow needs, and the calls to it. */
export interface ReadyProvider extends Provider {
  endpoints: ProviderEndpoints & { authorization: string; token: string }
  clientAuth: ClientAuth
  http: ProviderHttp
}

/** This isolate's copies, by issuer. */
const cache = new Map<string, { metadata: Metadata; freshUntil: number }>()

/**
 * Completes a provider's settings by what it says about itself; what is configured goes first.
 *
 * @throws {AppError} `provider_failed`
 */
export async function prepare(ctx: Ctx, provider: Provider): Promise<ReadyProvider> {
  const http = createProviderHttp(ctx, provider)
  const { authorization, token } = provider.endpoints
  if (provider.type === 'oauth2') {
    if (!authorization || !token) throw new Error('a kind without endpoints')
    return {
      ...provider,
      endpoints: { ...provider.endpoints, authorization, token },
      http,
    }
  }
  const metadata = await discover(ctx, provider.issuer, http)
  return {
    ...provider,
    issuer: metadata.issuer,
    endpoints: {
      userInfo: metadata.userinfo_endpoint,
      revocation: metadata.revocation_endpoint,
      jwks: metadata.jwks_uri,
      ...provider.endpoints,
      authorization: authorization ?? metadata.authorization_endpoint,
      token: token ?? metadata.token_endpoint,
    },
    clientAuth: provider.configuredClientAuth ?? chooseClientAuth(metadata),
    pkce: provider.pkce && takesS256(metadata),
    http,
  }
}

async function discover(ctx: Ctx, issuer: string, http: ProviderHttp): Promise<Metadata> {
  const now = ctx.clock.now()
  const cached = cache.get(issuer)
  if (cached && cached.freshUntil > now) return cached.metadata

  const base = issuer.replace(/\/$/, '')
  const { status, json } = await http.call(
    'discovery',
    new Request(`${base}/.well-known/openid-configuration`),
  )
  const parsed = Metadata.safeParse(json)
  if (status !== 200 || !parsed.success) throw http.failure('discovery', `status_${status}`)
  // §4.3: else one issuer could speak for another. Only the slash at the end is forgiven.
  if (parsed.data.issuer.replace(/\/$/, '') !== base)
    throw http.failure('discovery', 'other_issuer')
  if (issuer.startsWith('https:') && !allHttps(parsed.data))
    throw http.failure('discovery', 'endpoint_without_tls')

  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(issuer, { metadata: parsed.data, freshUntil: now + FRESH_MS })
  return parsed.data
}

function allHttps(metadata: Metadata): boolean {
  const { authorization_endpoint, token_endpoint, jwks_uri } = metadata
  const { userinfo_endpoint, revocation_endpoint } = metadata
  return [authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint, revocation_endpoint]
    .filter((url) => url !== undefined)
    .every((url) => url.startsWith('https:'))
}

/** The default is Basic (OpenID Connect Core §9). */
function chooseClientAuth(metadata: Metadata): ClientAuth {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return !methods.includes('client_secret_basic') && methods.includes('client_secret_post')
    ? 'post'
    : 'basic'
}

/** Providers that list no methods (Azure AD) take S256 all the same. */
function takesS256(metadata: Metadata): boolean {
  return metadata.code_challenge_methods_supported?.includes('S256') ?? true
}
