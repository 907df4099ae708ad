import type { Ctx } from '../../context.ts'
import type { ReadyProvider } from './discovery.ts'
import { IdTokenError, useIdToken, verifyIdToken } from './id-token.ts'
import type { ProviderTokens } from './oauth-client.ts'
import type { Profile } from './profile.ts'

type Json = Record<string, unknown>

/**
 * Who the tokens of a finished authorization belong to.
 *
 * @param nonce what this flow has sent to an OpenID provider
 * @throws {AppError} `provider_failed`
 */
export async function readProfile(
  ctx: Ctx,
  provider: ReadyProvider,
  tokens: ProviderTokens,
  nonce: string | null,
): Promise<Profile> {
  if (provider.type === 'oauth2') return readUserInfo(provider, tokens.accessToken)
  if (tokens.idToken === null) throw provider.http.failure('id_token', 'missing')
  const claims = await verifyIdToken(ctx, provider, tokens.idToken, nonce).catch((error) => {
    if (!(error instanceof IdTokenError)) throw error
    throw provider.http.failure('id_token', error.message, error)
  })
  if (!(await useIdToken(ctx, tokens.idToken, claims)))
    throw provider.http.failure('id_token', 'used_before')
  return profileOfClaims(provider, claims, tokens.accessToken)
}

/**
 * The profile behind checked claims, completed by the user-info endpoint.
 *
 * @param accessToken null: the claims have to do
 */
export async function profileOfClaims(
  provider: ReadyProvider,
  claims: Json,
  accessToken: string | null,
): Promise<Profile> {
  if (accessToken === null || !provider.endpoints.userInfo) return toProfile(provider, claims, null)
  const userInfo = await fetchUserInfo(provider, accessToken)
  // OpenID Connect Core §5.3.2: else an access token of somebody else's could be slipped in.
  if (userInfo.sub !== claims.sub) throw provider.http.failure('user_info', 'other_subject')
  // An address and whether it is verified must come from the same place.
  const { email, email_verified } = claims.email === undefined ? userInfo : claims
  return toProfile(provider, { ...claims, ...userInfo, email, email_verified }, null)
}

/** The profile that an access token opens. @throws {AppError} `provider_failed` */
export async function readUserInfo(provider: ReadyProvider, accessToken: string): Promise<Profile> {
  const userInfo = await fetchUserInfo(provider, accessToken)
  const { emails } = provider.endpoints
  // Not granted, or not offered: the person signs in without an address.
  const addresses = emails
    ? (await provider.http.call('emails', withToken(new URL(emails), accessToken))).json
    : null
  return toProfile(provider, userInfo, addresses)
}

async function fetchUserInfo(provider: ReadyProvider, accessToken: string): Promise<Json> {
  const { http, endpoints, clientId, clientSecret } = provider
  if (!endpoints.userInfo) throw http.failure('user_info', 'no_endpoint')
  const url = new URL(endpoints.userInfo)
  const params = provider.userInfoParams?.({
    accessToken,
    clientId,
    clientSecret: clientSecret ?? '',
  })
  for (const [name, value] of Object.entries(params ?? {})) url.searchParams.set(name, value)
  const { status, json } = await http.call('user_info', withToken(url, accessToken))
  if (status !== 200 || typeof json !== 'object' || json === null)
    throw http.failure('user_info', `status_${status}`)
  return json as Json
}

function withToken(url: URL, accessToken: string): Request {
  return new Request(url, { headers: { authorization: `Bearer ${accessToken}` } })
}

function toProfile(provider: ReadyProvider, userInfo: Json, emails: unknown): Profile {
  try {
    return provider.toProfile(userInfo, emails)
  } catch (cause) {
    throw provider.http.failure('user_info', 'malformed', cause)
  }
}
