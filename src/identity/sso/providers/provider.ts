import type { ClientAuth, ProviderEndpoints } from '../../../config/login-providers.ts'
import type { Profile } from '../profile.ts'

type Json = Record<string, unknown>

/** What a request about a token needs to know. */
export interface TokenRequest {
  endpoint: string
  clientId: string
  clientSecret: string
  accessToken: string
}

/** A provider as data: what is left over is how its profile reads and where it leaves the standards. */
export interface ProviderKind {
  type: 'oauth2' | 'oidc'
  name: string
  description: string
  scopes: readonly string[]
  clientAuth: ClientAuth
  /** Whether it takes PKCE (RFC 7636, always S256). */
  pkce: boolean
  issuer?: string
  endpoints: ProviderEndpoints
  /** Further parameters of the authorization request. */
  authorizationParams?: Readonly<Record<string, string>>
  /** Further query parameters of the user-info request. */
  userInfoParams?(request: Omit<TokenRequest, 'endpoint'>): Record<string, string>
  /** @throws {ZodError} when the answer names no subject */
  toProfile(userInfo: Json, emails: unknown): Profile
  /** How the grant is taken back; RFC 7009 when absent and the provider has a revocation endpoint. */
  revocation?(request: TokenRequest): Request
  /**
   * How to learn for whom an access token was made. Without it an access token that somebody sends
   * us proves nothing: it may have been made for another application.
   */
  tokenCheck?: {
    request(request: TokenRequest): Request
    /** Whether the answer says that the token was made for this client and still holds. */
    isOurs(answer: unknown, clientId: string): boolean
  }
}

/** HTTP Basic with both parts form-encoded first (RFC 6749 §2.3.1). */
export function basicAuth(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`
}
