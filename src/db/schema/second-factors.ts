import { bigint, index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/** A person's authenticator app (RFC 6238). It counts from the moment at which a first code was right. */
export const totpFactors = pgTable('totp_factors', {
  userId: integer('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** `v1.<kid>.<iv>.<ciphertext>`, bound to the owner. */
  secretCiphertext: text('secret_ciphertext').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
  confirmedAt: timestamp('confirmed_at', { withTimezone: true, mode: 'date' }),
  /** Time step of the last code that was accepted: no code of this step or an earlier one is again. */
  lastUsedStep: bigint('last_used_step', { mode: 'number' }).notNull().default(0),
})

/** Codes for the day on which the app is lost; each works once. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    /** Hexadecimal SHA-256 over person and code. */
    hash: text('hash').primaryKey(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    usedAt: timestamp('used_at', { withTimezone: true, mode: 'date' }),
    /** The one request that used it; what that request writes down is conditional on this. */
    usedBy: uuid('used_by'),
  },
  (table) => [index('recovery_codes_user_index').on(table.userId)],
)
