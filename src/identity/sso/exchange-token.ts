import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { UserRow } from '../accounts/index.ts'
import { prepare, type ReadyProvider } from './discovery.ts'
import { IdTokenError, useIdToken, verifyIdToken } from './id-token.ts'
import { identify } from './identify.ts'
import type { Profile } from './profile.ts'
import { NO_TOKENS } from './provider-tokens.ts'
import { profileOfClaims, readUserInfo } from './read-profile.ts'
import { requireProvider } from './registry.ts'

export type ProviderToken =
  | { type: 'id_token'; token: string; nonce: string | null }
  | { type: 'access_token'; token: string }

/**
 * Signs in with a token that an app of ours has got from the provider itself. It must have been
 * made for this client: a token that another application was given proves nothing.
 *
 * @throws {AppError} `invalid_credentials`, `invalid_request` (the provider cannot tell for whom an
 *   access token was made), `provider_failed`, and what `identify` throws
 */
export async function exchangeToken(
  ctx: Ctx,
  providerId: string,
  given: ProviderToken,
): Promise<UserRow> {
  const provider = await prepare(ctx, requireProvider(ctx.config, providerId))
  const profile =
    given.type === 'id_token'
      ? await readIdToken(ctx, provider, given.token, given.nonce)
      : await readAccessToken(provider, given.token)
  return identify(ctx, {
    provider: provider.id,
    issuer: provider.issuer,
    profile,
    ...NO_TOKENS,
    now: new Date(ctx.clock.now()),
  })
}

async function readIdToken(
  ctx: Ctx,
  provider: ReadyProvider,
  token: string,
  nonce: string | null,
): Promise<Profile> {
  if (provider.type !== 'oidc')
    throw new AppError('invalid_request', `${provider.name} gives no ID tokens.`)
  const claims = await verifyIdToken(ctx, provider, token, nonce).catch((error: unknown) => {
    if (error instanceof IdTokenError) throw notOurs()
    throw error
  })
  const profile = await profileOfClaims(provider, claims, null)
  if (!(await useIdToken(ctx, token, claims))) throw notOurs()
  return profile
}

async function readAccessToken(provider: ReadyProvider, accessToken: string): Promise<Profile> {
  const { tokenCheck, endpoints, http, clientId, clientSecret } = provider
  if (!tokenCheck || !endpoints.tokenCheck) {
    throw new AppError(
      'invalid_request',
      `${provider.name} does not tell for whom it made an access token. Send "code" and "state"${provider.type === 'oidc' ? ', or an "id_token"' : ''}.`,
    )
  }
  const request = tokenCheck.request({
    endpoint: endpoints.tokenCheck,
    clientId,
    clientSecret: clientSecret ?? '',
    accessToken,
  })
  const { status, json } = await http.call('token_check', request)
  if (status >= 500) throw http.failure('token_check', `status_${status}`)
  if (status !== 200 || !tokenCheck.isOurs(json, clientId)) throw notOurs()
  return readUserInfo(provider, accessToken)
}

function notOurs(): AppError {
  return new AppError(
    'invalid_credentials',
    'The token has expired, was used before, or was not made for this server.',
  )
}
