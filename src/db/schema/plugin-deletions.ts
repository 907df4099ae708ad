import { index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** Users at the plug-in API whose person is gone; the row is the intent, and goes when they are gone too. */
export const pluginDeletions = pgTable(
  'plugin_deletions',
  {
    pluginName: text('plugin_name').primaryKey(),
    /** Null when provisioning had not ended: then the name is looked for. */
    pluginUserId: text('plugin_user_id'),
    attempts: integer('attempts').notNull().default(0),
    /** Nobody else attempts before this moment. */
    nextAttemptAt: timestamp('next_attempt_at', { withTimezone: true, mode: 'date' }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
  },
  (table) => [index('plugin_deletions_due_index').on(table.nextAttemptAt)],
)
