import { CodeChallengeMethod, OAuth2Client, OAuth2Tokens } from 'arctic'
import { AppError } from '../../errors.ts'
import type { ReadyProvider } from './discovery.ts'
import { basicAuth } from './providers/provider.ts'

/** What a token endpoint has given us. */
export interface ProviderTokens {
  accessToken: string
  refreshToken: string | null
  idToken: string | null
  /** Null where the provider does not say. */
  expiresInSeconds: number | null
}

interface AuthorizationRequest {
  redirectUri: string
  state: string
  /** PKCE; null where the provider does not take it. */
  codeVerifier: string | null
  nonce: string | null
}

/**
 * The client's side of OAuth 2.0 with one provider. The library behind it is used for the
 * authorization address and to read token answers; it cannot bound its own calls in time and size.
 */
export interface OAuthClient {
  authorizationUrl(request: AuthorizationRequest): URL
  /** @throws {AppError} `login_expired` when the provider refuses the code, `provider_failed` */
  exchangeCode(
    code: string,
    request: { redirectUri: string; codeVerifier: string | null },
  ): Promise<ProviderTokens>
  /** @throws {AppError} `login_expired` when the grant has ended, `provider_failed` */
  refresh(refreshToken: string): Promise<ProviderTokens>
  /** Takes the grant back; false where the provider offers no way. @throws {AppError} `provider_failed` */
  revoke(tokens: { accessToken: string | null; refreshToken: string | null }): Promise<boolean>
}

export function createOAuthClient(provider: ReadyProvider): OAuthClient {
  const { http, endpoints, clientId, clientSecret } = provider

  const form = (url: string, fields: Record<string, string>) => {
    const body = new URLSearchParams(fields)
    const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' })
    if (provider.clientAuth === 'basic' && clientSecret !== null) {
      headers.set('authorization', basicAuth(clientId, clientSecret))
    } else {
      body.set('client_id', clientId)
      if (clientSecret !== null) body.set('client_secret', clientSecret)
    }
    return new Request(url, { method: 'POST', headers, body: body.toString() })
  }

  const requestTokens = async (fields: Record<string, string>): Promise<ProviderTokens> => {
    const { status, json } = await http.call('token', form(endpoints.token, fields))
    const answer = typeof json === 'object' && json !== null ? json : {}
    const error = 'error' in answer ? answer.error : undefined
    // GitHub says so with status 200, Facebook with an object of its own.
    if (isRefusedGrant(error)) throw refusedGrant(provider.name)
    if (status !== 200 || error) throw http.failure('token', `status_${status}`)
    try {
      return readTokens(new OAuth2Tokens(answer))
    } catch (cause) {
      throw http.failure('token', 'malformed', cause)
    }
  }

  return {
    authorizationUrl({ redirectUri, state, codeVerifier, nonce }) {
      const client = new OAuth2Client(clientId, clientSecret, redirectUri)
      const scopes = [...provider.scopes]
      const url =
        codeVerifier === null
          ? client.createAuthorizationURL(endpoints.authorization, state, scopes)
          : client.createAuthorizationURLWithPKCE(
              endpoints.authorization,
              state,
              CodeChallengeMethod.S256,
              codeVerifier,
              scopes,
            )
      if (nonce !== null) url.searchParams.set('nonce', nonce)
      for (const [name, value] of Object.entries(provider.authorizationParams ?? {}))
        url.searchParams.set(name, value)
      return url
    },

    exchangeCode: (code, { redirectUri, codeVerifier }) =>
      requestTokens({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        ...(codeVerifier !== null && { code_verifier: codeVerifier }),
      }),

    refresh: (refreshToken) =>
      requestTokens({ grant_type: 'refresh_token', refresh_token: refreshToken }),

    async revoke({ accessToken, refreshToken }) {
      const endpoint = endpoints.revocation
      const token = refreshToken ?? accessToken
      if (!endpoint || token === null) return false
      let request: Request
      if (!provider.revocation) request = form(endpoint, { token })
      else if (accessToken === null) return false
      else {
        const secret = clientSecret ?? ''
        request = provider.revocation({ endpoint, clientId, clientSecret: secret, accessToken })
      }
      const { status } = await http.call('revocation', request)
      if (status >= 400) throw http.failure('revocation', `status_${status}`)
      return true
    },
  }
}

/** @throws {Error} when the answer holds no access token */
function readTokens(tokens: OAuth2Tokens): ProviderTokens {
  if (tokens.accessToken() === '') throw new Error('an empty access token')
  const expiresIn = 'expires_in' in tokens.data ? Number(tokens.data.expires_in) : Number.NaN
  return {
    accessToken: tokens.accessToken(),
    refreshToken: tokens.hasRefreshToken() ? tokens.refreshToken() : null,
    idToken: 'id_token' in tokens.data && tokens.data.id_token ? tokens.idToken() : null,
    expiresInSeconds: Number.isFinite(expiresIn) && expiresIn >= 0 ? expiresIn : null,
  }
}

/** RFC 6749 §5.2, GitHub's word, and Facebook's error 100 for a code that is used, foreign or expired. */
function isRefusedGrant(error: unknown): boolean {
  if (typeof error === 'object' && error !== null) return 'code' in error && error.code === 100
  return error === 'invalid_grant' || error === 'bad_verification_code'
}

function refusedGrant(name: string): AppError {
  return new AppError(
    'login_expired',
    `${name} no longer accepts this sign-in. Start again from the login page.`,
  )
}
