import { index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/** What the operator's webhook has not taken yet; written together with what it reports, deleted once taken. */
export const webhookOutbox = pgTable(
  'webhook_outbox',
  {
    /** Stays the same for every attempt, so that the receiver can tell a repetition. */
    id: uuid('id').primaryKey(),
    /** Whom it is about. */
    userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** Name of the event, for people who look why it does not go out. */
    type: text('type').notNull(),
    /** JSON, as it is signed and sent. */
    body: text('body').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** Nobody else attempts before this moment. */
    nextAttemptAt: timestamp('next_attempt_at', { withTimezone: true, mode: 'date' }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    /** Given up at this moment. */
    expiresAt: timestamp('expires_at', { withTimezone: true, mode: 'date' }).notNull(),
  },
  (table) => [index('webhook_outbox_due_index').on(table.nextAttemptAt)],
)
