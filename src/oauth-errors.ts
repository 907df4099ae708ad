/**
 * What can go wrong between an application and the provider, by the names that its protocols have for it
 * (RFC 6749 §4.1.2.1 and §5.2, RFC 7591 §3.2.2, RFC 8628 §3.5, RFC 8707 §2, OpenID Connect Core §3.1.2.6),
 * with a title for each. The names are our codes as well, and `error` on the wire.
 */
const TITLES = {
  access_denied: 'The person said no',
  authorization_pending: 'The person has not answered yet',
  consent_required: 'The person has to be asked',
  expired_token: 'The device code has expired',
  interaction_required: 'The person has to do something',
  invalid_client_metadata: 'The client cannot be like that',
  invalid_grant: 'The grant is not valid',
  invalid_redirect_uri: 'Invalid redirect_uri',
  invalid_scope: 'The scope is not valid',
  invalid_target: 'There is no such resource',
  login_required: 'The person has to sign in',
  request_not_supported: 'Request objects are not supported',
  request_uri_not_supported: 'Request addresses are not supported',
  slow_down: 'Asked too often',
  unauthorized_client: 'The client may not do this',
  unsupported_grant_type: 'The grant type is not supported',
  unsupported_response_type: 'The response type is not supported',
} as const

export type OAuthErrorCode = keyof typeof TITLES

interface OAuthErrorKind {
  status: 400
  title: string
  openaiType: 'invalid_request_error'
  oauth: string
}

export const OAUTH_ERROR_KINDS = Object.fromEntries(
  Object.entries(TITLES).map(([code, title]) => [
    code,
    { status: 400, title, openaiType: 'invalid_request_error', oauth: code },
  ]),
) as Record<OAuthErrorCode, OAuthErrorKind>
