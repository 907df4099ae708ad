import { boolean, index, integer, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/** Who a person is at a sign-in provider: issuer and subject name them, nothing else does. */
export const identities = pgTable(
  'identities',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Our id of the provider, by which its settings are found. */
    provider: text('provider').notNull(),
    /** Who vouches: an OpenID issuer, or the origin of a provider that has none. */
    issuer: text('issuer').notNull(),
    /** Unique and never reassigned within the issuer. */
    subject: text('subject').notNull(),
    username: text('username'),
    email: text('email'),
    /** Whether the provider says, in so many words, that the address is verified. */
    emailVerified: boolean('email_verified').notNull().default(false),
    avatarUrl: text('avatar_url'),
    /** Whether it was this provider that had our account silenced: then it may lift that again. */
    imposedSilence: boolean('imposed_silence').notNull().default(false),
    /** The same for a disabled account. */
    imposedInactivity: boolean('imposed_inactivity').notNull().default(false),
    /** `v1.<kid>.<iv>.<ciphertext>`, bound to issuer and subject. */
    accessTokenCiphertext: text('access_token_ciphertext'),
    refreshTokenCiphertext: text('refresh_token_ciphertext'),
    /** Null where the provider does not say. */
    tokenExpiresAt: timestamp('token_expires_at', { withTimezone: true, mode: 'date' }),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true, mode: 'date' }).notNull(),
    lastLoginAt: timestamp('last_login_at', { withTimezone: true, mode: 'date' }),
  },
  (table) => [
    uniqueIndex('identities_issuer_subject_unique').on(table.issuer, table.subject),
    index('identities_user_id_index').on(table.userId),
  ],
)
