import type { Config } from '../../config.ts'
import { CLIENT_AUTH_METHODS, ID_TOKEN_ALGORITHMS } from '../../db/schema/oauth.ts'
import { HARMLESS_SCOPES, OAUTH_SCOPES } from '../../scopes.ts'
import { ASSERTION_ALGORITHMS } from './client-assertion.ts'
import { GRANT_TYPES } from './grants/index.ts'
import { ACR_VALUES } from './id-token.ts'
import { MCP_SCOPES } from './resources.ts'

/** What this server can do (RFC 8414 §2, OpenID Connect Discovery §3): one document for both. */
export function serverMetadata(
  issuer: string,
  { OAUTH_REGISTRATION, OAUTH_CLIENT_DOCUMENTS }: Config,
): Record<string, unknown> {
  const at = (path: string) => `${issuer}/oauth/${path}`
  return {
    issuer,
    authorization_endpoint: at('authorize'),
    token_endpoint: at('token'),
    userinfo_endpoint: at('userinfo'),
    jwks_uri: at('jwks'),
    revocation_endpoint: at('revoke'),
    introspection_endpoint: at('introspect'),
    end_session_endpoint: at('logout'),
    pushed_authorization_request_endpoint: at('par'),
    device_authorization_endpoint: at('device_authorization'),
    ...(OAUTH_REGISTRATION !== 'off' && { registration_endpoint: at('register') }),
    client_id_metadata_document_supported: OAUTH_CLIENT_DOCUMENTS,
    scopes_supported: OAUTH_SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment'],
    grant_types_supported: GRANT_TYPES,
    acr_values_supported: ACR_VALUES,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ID_TOKEN_ALGORITHMS,
    token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS.filter((m) => m !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    require_pushed_authorization_requests: false,
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

/** What there is to know of a part of this server (RFC 9728 §2). */
export function resourceMetadata(issuer: string, path: string): Record<string, unknown> {
  return {
    resource: issuer + path,
    authorization_servers: [issuer],
    scopes_supported: path === '/mcp' ? MCP_SCOPES : HARMLESS_SCOPES,
    bearer_methods_supported: ['header'],
    resource_name: 'shared-accounts',
    resource_documentation: `${issuer}/api/docs`,
  }
}

const CLAIMS = [
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'at_hash', 'sid'],
  ...['name', 'preferred_username', 'picture', 'roles', 'updated_at', 'email', 'email_verified'],
]
