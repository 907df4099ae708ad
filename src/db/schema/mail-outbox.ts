import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/** Mails that have not been handed over yet; written together with what they report, deleted once sent. */
export const mailOutbox = pgTable(
  'mail_outbox',
  {
    id: uuid('id').primaryKey(),
    userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** Name of the template, for people who look why a mail does not go out. */
    kind: text('kind').notNull(),
    recipient: text('recipient').notNull(),
    /** Sealed, because it carries one-time tokens; null where `facts` say all there is to say. */
    contentCiphertext: text('content_ciphertext'),
    /** What a mail without a secret is written from when it is sent. */
    facts: jsonb('facts').$type<Record<string, unknown>>(),
    attempts: integer('attempts').notNull().default(0),
    /** Nobody else attempts before this moment. */
    nextAttemptAt: timestamp('next_attempt_at', { withTimezone: true, mode: 'date' }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    /** Sent later than this it would be of no use. */
    expiresAt: timestamp('expires_at', { withTimezone: true, mode: 'date' }).notNull(),
  },
  (table) => [
    index('mail_outbox_due_index').on(table.nextAttemptAt),
    check(
      'mail_outbox_content_check',
      sql`num_nonnulls(${table.contentCiphertext}, ${table.facts}) = 1`,
    ),
  ],
)
