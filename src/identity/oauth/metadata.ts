import { CLIENT_AUTH_METHODS, ID_TOKEN_ALGORITHMS } from '../../db/schema/oauth.ts'
import { OAUTH_SCOPES } from '../../scopes.ts'
import { ASSERTION_ALGORITHMS } from './client-assertion.ts'
import { GRANT_TYPES } from './grants/index.ts'
import { ACR_VALUES } from './id-token.ts'

/** What this server can do (RFC 8414 §2, OpenID Connect Discovery §3): one document for both. */
export function serverMetadata(issuer: string): Record<string, unknown> {
  const at = (path: string) => `${issuer}/oauth/${path}`
  return {
    issuer,
    authorization_endpoint: at('authorize'),
    token_endpoint: at('token'),
    userinfo_endpoint: at('userinfo'),
    jwks_uri: at('jwks'),
    scopes_supported: OAUTH_SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment'],
    grant_types_supported: GRANT_TYPES,
    acr_values_supported: ACR_VALUES,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ID_TOKEN_ALGORITHMS,
    token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    code_challenge_methods_supported: ['S256'],
    claims_supported: CLAIMS,
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    ui_locales_supported: ['en', 'zh-CN'],
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    service_documentation: `${issuer}/api/docs`,
  }
}

const CLAIMS = [
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'at_hash', 'sid'],
  ...['name', 'preferred_username', 'picture', 'roles', 'updated_at', 'email', 'email_verified'],
]
