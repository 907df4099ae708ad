import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/** How a client says who it is at the token endpoint (RFC 7591 §2). */
export const CLIENT_AUTH_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'none',
] as const
export type ClientAuthMethod = (typeof CLIENT_AUTH_METHODS)[number]

export const ID_TOKEN_ALGORITHMS = ['RS256', 'ES256'] as const
export type IdTokenAlgorithm = (typeof ID_TOKEN_ALGORITHMS)[number]

/** Applications that sign people in with us. Of a secret only the SHA-256 is kept. */
export const oauthClients = pgTable(
  'oauth_clients',
  {
    clientId: text('client_id').primaryKey(),
    name: text('name').notNull(),
    /** Its own page, for people who want to know more. */
    uri: text('uri'),
    /** Who made it, and may change it; null: administrators alone, or the application itself. */
    ownerUserId: integer('owner_user_id').references(() => users.id, { onDelete: 'cascade' }),
    source: text('source', { enum: ['admin', 'user', 'registration'] }).notNull(),
    authMethod: text('auth_method', { enum: CLIENT_AUTH_METHODS }).notNull(),
    secretHash: text('secret_hash'),
    /** The secret before this one, while it is being replaced. */
    previousSecretHash: text('previous_secret_hash'),
    previousSecretUntil: timestamp('previous_secret_until', { withTimezone: true, mode: 'date' }),
    /** Its public keys (RFC 7517), for `private_key_jwt`. */
    jwks: jsonb('jwks').$type<{ keys: Record<string, unknown>[] }>(),
    redirectUris: text('redirect_uris').array().notNull(),
    postLogoutRedirectUris: text('post_logout_redirect_uris').array().notNull(),
    grantTypes: text('grant_types').array().notNull(),
    /** What it may ask for. */
    scopes: text('scopes').array().notNull(),
    /** What it gets where it asks for nothing; null: what everybody gets. */
    defaultScopes: text('default_scopes').array(),
    idTokenAlgorithm: text('id_token_algorithm', { enum: ID_TOKEN_ALGORITHMS })
      .notNull()
      .default('RS256'),
    /** Demanded of public clients anyway. */
    requiresPkce: boolean('requires_pkce').notNull().default(false),
    /** Whether it may ask about tokens that others were given (RFC 7662). */
    mayIntrospect: boolean('may_introspect').notNull().default(false),
    isActive: boolean('is_active').notNull().default(true),
    /** SHA-256 of the token by which it changes itself (RFC 7592). */
    registrationTokenHash: text('registration_token_hash'),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true, mode: 'date' }).notNull(),
    /** To the day. */
    lastUsedAt: timestamp('last_used_at', { withTimezone: true, mode: 'date' }),
  },
  (table) => [
    index('oauth_clients_owner_index').on(table.ownerUserId),
    index('oauth_clients_source_index').on(table.source, table.createdAt),
  ],
)

/** What people have agreed to, by application: it is not asked again. */
export const oauthConsents = pgTable(
  'oauth_consents',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** May name a document elsewhere, so that it is no reference. */
    clientId: text('client_id').notNull(),
    /** As it called itself then. */
    clientName: text('client_name').notNull(),
    scopes: text('scopes').array().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true, mode: 'date' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.clientId] }),
    index('oauth_consents_client_index').on(table.clientId),
  ],
)
