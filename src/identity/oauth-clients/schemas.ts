import * as z from 'zod'
import { CLIENT_AUTH_METHODS, ID_TOKEN_ALGORITHMS } from '../../db/schema/oauth.ts'
import { HARMLESS_SCOPES, OAUTH_SCOPES } from '../../scopes.ts'
import { GRANT_TYPES, isRedirectUri } from '../oauth/index.ts'

const Name = z.string().trim().min(1).max(100)
const Uris = z
  .array(
    z.string().refine(isRedirectUri, 'must be https, a loopback address, or a scheme of an app'),
  )
  .max(20)
  .transform((uris) => [...new Set(uris)])
const Scopes = z
  .array(z.enum(OAUTH_SCOPES))
  .min(1)
  .transform((scopes) => [...new Set(scopes)])
const GrantTypes = z
  .array(z.enum(GRANT_TYPES))
  .min(1)
  .transform((types) => [...new Set(types)])
const Jwks = z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(20) })

/** What may be said of a client, when it is made and later. */
const fields = {
  name: Name,
  uri: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .nullable(),
  redirect_uris: Uris,
  post_logout_redirect_uris: Uris,
  grant_types: GrantTypes,
  scopes: Scopes.describe('What it may ask for.'),
  default_scopes: Scopes.nullable().describe('What it gets where it asks for nothing.'),
  id_token_algorithm: z.enum(ID_TOKEN_ALGORITHMS),
  jwks: Jwks.nullable().describe('Public keys, for private_key_jwt.'),
  requires_pkce: z.boolean().describe('Demanded of clients without a secret anyway.'),
  may_introspect: z.boolean().describe('Whether it may ask about the tokens of others.'),
}

export const CreateClientInput = z
  .object({
    ...fields,
    client_id: z
      .string()
      .regex(/^[\w.-]{3,64}$/, 'must have 3 to 64 letters, digits, dots, dashes')
      .describe('Made up where it is absent.'),
    auth_method: z.enum(CLIENT_AUTH_METHODS).describe('How it says who it is.'),
  })
  .partial()
  .required({ name: true })
  .meta({ id: 'CreateOAuthClientInput' })

/** Absent fields stay. */
export const UpdateClientInput = z
  .object({
    ...fields,
    is_active: z.boolean().describe('False: it is refused, and its tokens are.'),
  })
  .partial()
  .refine((input) => Object.values(input).some((value) => value !== undefined), {
    error: 'Give at least one field to change.',
  })
  .meta({ id: 'UpdateOAuthClientInput' })

/** Of somebody's own: nothing that concerns others, and nothing that it does for itself. */
const ownFields = {
  ...{ name: Name, uri: fields.uri, redirect_uris: Uris, post_logout_redirect_uris: Uris },
  ...{ id_token_algorithm: fields.id_token_algorithm, jwks: fields.jwks },
  grant_types: GrantTypes.refine((types) => !types.includes('client_credentials'), {
    error: 'client_credentials is for applications of the operator',
  }),
  scopes: Scopes.refine((scopes) => scopes.every((scope) => HARMLESS_SCOPES.includes(scope)), {
    error: 'has scopes that only the operator can give',
  }),
}

export const CreateOwnClientInput = z
  .object({ ...ownFields, auth_method: z.enum(CLIENT_AUTH_METHODS) })
  .partial()
  .required({ name: true })
  .meta({ id: 'CreateOwnOAuthClientInput' })

export const UpdateOwnClientInput = z
  .object({ ...ownFields, is_active: z.boolean() })
  .partial()
  .refine((input) => Object.values(input).some((value) => value !== undefined), {
    error: 'Give at least one field to change.',
  })
  .meta({ id: 'UpdateOwnOAuthClientInput' })

export const ReplaceSecretInput = z
  .object({
    keep_seconds: z
      .int()
      .min(0)
      .max(30 * 86_400)
      .default(86_400)
      .describe('For so long the old secret is good as well.'),
  })
  .meta({ id: 'ReplaceOAuthSecretInput' })

export const Client = z
  .object({
    client_id: z.string(),
    name: z.string(),
    uri: z.string().nullable(),
    source: z.enum(['admin', 'user', 'registration']),
    owner_user_id: z.int().nullable(),
    auth_method: z.enum(CLIENT_AUTH_METHODS),
    redirect_uris: z.array(z.string()),
    post_logout_redirect_uris: z.array(z.string()),
    grant_types: z.array(z.string()),
    scopes: z.array(z.string()),
    default_scopes: z.array(z.string()).nullable(),
    id_token_algorithm: z.enum(ID_TOKEN_ALGORITHMS),
    jwks: z.unknown(),
    requires_pkce: z.boolean(),
    may_introspect: z.boolean(),
    is_active: z.boolean(),
    people: z.int().describe('How many people have let it in.'),
    previous_secret_until: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().nullable().describe('To the day.'),
  })
  .meta({ id: 'OAuthClient' })

export const CreatedClient = Client.extend({
  client_secret: z.string().nullable().describe('Shown now and never again.'),
}).meta({ id: 'CreatedOAuthClient' })

export const ClientId = z.object({ id: z.string().min(1).max(500) })

export const Deleted = z.object({ message: z.string(), success: z.boolean() }).meta({ id: 'Done' })
