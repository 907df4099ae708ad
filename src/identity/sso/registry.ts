import type {
  ClientAuth,
  LoginProviderSettings,
  ProviderEndpoints,
  ProviderKindName,
} from '../../config/login-providers.ts'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { facebook } from './providers/facebook.ts'
import { github } from './providers/github.ts'
import { linuxdo } from './providers/linuxdo.ts'
import { google, oidc, withTrustLevel } from './providers/oidc.ts'
import type { ProviderKind } from './providers/provider.ts'

const KINDS: Record<ProviderKindName, ProviderKind> = { linuxdo, github, google, facebook, oidc }

/** Names under which existing front ends know a provider. */
const ALIASES: Record<string, string> = { linux_do: 'linuxdo' }

/** A provider as this deployment has configured it. */
export interface Provider extends Omit<ProviderKind, 'issuer'> {
  id: string
  clientId: string
  /** Null for a public client. */
  clientSecret: string | null
  /** What is set; an OpenID provider tells the rest by itself. */
  endpoints: ProviderEndpoints
  /** Undefined where the provider decides. */
  configuredClientAuth: ClientAuth | undefined
  issuer: string
  redirectUri: string | undefined
}

/** All providers that this deployment has configured. */
export function listProviders(config: Config): Provider[] {
  return config.loginProviders.map(toProvider)
}

/**
 * The provider of that id.
 *
 * @throws {AppError} `provider_not_configured`
 */
export function requireProvider(config: Config, id: string): Provider {
  const settings = config.loginProviders.find((provider) => provider.id === (ALIASES[id] ?? id))
  if (settings) return toProvider(settings)
  throw new AppError(
    'provider_not_configured',
    'This server does not offer to sign in with that provider. See /api/auth/oidc/providers.',
  )
}

function toProvider(settings: LoginProviderSettings): Provider {
  const kind = KINDS[settings.kind]
  const mapped = settings.trustLevelClaim ? withTrustLevel(kind, settings.trustLevelClaim) : kind
  const endpoints = { ...kind.endpoints, ...definedOf(settings.endpoints) }
  return {
    ...(kind.type === 'oidc' ? mapped : kind),
    id: settings.id,
    name: settings.name ?? (settings.kind === 'oidc' ? settings.id : kind.name),
    clientId: settings.clientId,
    clientSecret: settings.clientSecret,
    clientAuth: settings.clientAuth ?? kind.clientAuth,
    configuredClientAuth: settings.clientAuth,
    pkce: settings.pkce ?? kind.pkce,
    scopes: settings.scopes ?? kind.scopes,
    endpoints,
    // Where there is no OpenID issuer, the authorization server's origin names who vouches: another
    // server of the same kind has other people under the same numbers.
    issuer: settings.issuer ?? kind.issuer ?? new URL(endpoints.authorization ?? '').origin,
    redirectUri: settings.redirectUri,
  }
}

function definedOf(endpoints: ProviderEndpoints): ProviderEndpoints {
  return Object.fromEntries(Object.entries(endpoints).filter(([, url]) => url !== undefined))
}
