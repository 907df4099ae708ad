import type * as z from 'zod'
import type { ClientRow } from './queries.ts'
import type { Client } from './schemas.ts'

/** A client as its keeper sees it: without anything of its secrets. */
export function toClient(row: ClientRow, nowMs: number): z.input<typeof Client> {
  const until = row.previousSecretUntil
  return {
    client_id: row.clientId,
    name: row.name,
    uri: row.uri,
    source: row.source,
    owner_user_id: row.ownerUserId,
    auth_method: row.authMethod,
    redirect_uris: row.redirectUris,
    post_logout_redirect_uris: row.postLogoutRedirectUris,
    grant_types: row.grantTypes,
    scopes: row.scopes,
    default_scopes: row.defaultScopes,
    id_token_algorithm: row.idTokenAlgorithm,
    jwks: row.jwks,
    requires_pkce: row.requiresPkce,
    may_introspect: row.mayIntrospect,
    is_active: row.isActive,
    people: row.people,
    previous_secret_until: until && until.getTime() > nowMs ? until.toISOString() : null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
  }
}
