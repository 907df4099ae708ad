import { index, integer, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/**
 * A person's user at the plug-in API. The row is the intent: it exists before the plug-in is asked,
 * and stays `pending` until the plug-in's key is stored.
 */
export const pluginAccounts = pgTable(
  'plugin_accounts',
  {
    userId: integer('user_id')
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Our unique name for it at the plug-in, by which a lost answer is found again. */
    pluginName: text('plugin_name').notNull(),
    state: text('state', { enum: ['pending', 'ready'] })
      .notNull()
      .default('pending'),
    pluginUserId: text('plugin_user_id'),
    /** `v1.<kid>.<iv>.<ciphertext>`, bound to the owner. */
    keyCiphertext: text('key_ciphertext'),
    attempts: integer('attempts').notNull().default(0),
    /** Nobody else attempts before this moment. */
    nextAttemptAt: timestamp('next_attempt_at', { withTimezone: true, mode: 'date' }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true, mode: 'date' }).notNull(),
  },
  (table) => [
    uniqueIndex('plugin_accounts_plugin_name_unique').on(table.pluginName),
    index('plugin_accounts_pending_index').on(table.state, table.nextAttemptAt),
  ],
)
