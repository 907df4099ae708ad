import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { refusalAddress } from './answer.ts'
import { checkAll } from './checks/index.ts'
import { resolvePushed } from './pushed-request.ts'
import { matchRedirectUri } from './redirect-uri.ts'
import { type AuthorizationRequest, sealRequest } from './request.ts'
import { resolveClient } from './resolve-client.ts'

/** Where the person decides. */
const CONSENT_PAGE = '/console/authorize'

/**
 * An authorization request (RFC 6749 §4.1.1): looked at, and handed to the page where the person decides. Nothing
 * goes to the client's address, not even an error, before client and address are known to belong together.
 *
 * @returns where the browser goes
 * @throws {AppError} what the person is told, when there is nowhere to go
 */
export async function beginAuthorization(
  ctx: Ctx,
  asked: URLSearchParams,
  issuer: string,
): Promise<string> {
  const params = await resolvePushed(ctx, asked)
  const { client, redirectUri } = await knownAddress(ctx, params)
  const mode = params.get('response_mode')
  const addressed = {
    redirectUri,
    responseMode: mode === 'fragment' ? ('fragment' as const) : ('query' as const),
    state: params.get('state'),
  }
  try {
    const request = {
      ...addressed,
      ...checkAll({ params, client, issuer }),
      clientId: client.clientId,
      askedRedirectUri: params.get('redirect_uri'),
      askedAt: ctx.clock.now(),
    } as AuthorizationRequest
    const sealed = await sealRequest(ctx, request)
    return `${CONSENT_PAGE}?${new URLSearchParams({ request: sealed })}`
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error
    return refusalAddress(addressed, issuer, error)
  }
}

/** The client, and its address. @throws {AppError} `invalid_request`, `invalid_redirect_uri` */
async function knownAddress(ctx: Ctx, params: URLSearchParams) {
  const clientId = params.get('client_id')
  if (clientId === null) throw new AppError('invalid_request', '"client_id" is missing.')
  const client = await resolveClient(ctx, clientId)
  if (!client) throw new AppError('invalid_request', 'Unknown client.')
  const redirectUri = matchRedirectUri(client, params.get('redirect_uri'))
  if (redirectUri === null) throw new AppError('invalid_redirect_uri', 'Invalid redirect_uri')
  return { client, redirectUri }
}
