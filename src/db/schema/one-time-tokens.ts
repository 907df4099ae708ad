import {
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/** What a token from an e-mail lets its holder do. */
export const TOKEN_PURPOSES = [
  'reset_password',
  'verify_email',
  'change_email_old',
  'change_email_new',
] as const
export type TokenPurpose = (typeof TOKEN_PURPOSES)[number]

/**
 * Tokens that were mailed: one a person and purpose, so that the newest kills the older ones. Only
 * their SHA-256 is kept.
 */
export const oneTimeTokens = pgTable(
  'one_time_tokens',
  {
    /** Hexadecimal SHA-256. */
    hash: text('hash').notNull(),
    purpose: text('purpose', { enum: TOKEN_PURPOSES }).notNull(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The address that the token was sent to; it is worth nothing once the person has another. */
    email: text('email').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true, mode: 'date' }).notNull(),
    consumedAt: timestamp('consumed_at', { withTimezone: true, mode: 'date' }),
    /** The one request that consumed it; what that request changes is conditional on this. */
    consumedBy: uuid('consumed_by'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.purpose] }),
    uniqueIndex('one_time_tokens_hash_unique').on(table.hash),
    index('one_time_tokens_expires_index').on(table.expiresAt),
  ],
)

/** A change of address that waits for confirmation from both mailboxes. */
export const emailChanges = pgTable('email_changes', {
  userId: integer('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  newEmail: text('new_email').notNull(),
  newEmailKey: text('new_email_key').notNull(),
  oldConfirmedAt: timestamp('old_confirmed_at', { withTimezone: true, mode: 'date' }),
  newConfirmedAt: timestamp('new_confirmed_at', { withTimezone: true, mode: 'date' }),
  /** Whether whoever reads at the new address was signed in to the account when they agreed. */
  isNewProven: boolean('is_new_proven').notNull().default(false),
  /** The person's `tenure` when it was begun. */
  tenure: integer('tenure').notNull().default(0),
  expiresAt: timestamp('expires_at', { withTimezone: true, mode: 'date' }).notNull(),
})
