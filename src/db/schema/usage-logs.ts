import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { apiKeys } from './api-keys.ts'
import { users } from './users.ts'

/** One row a gateway call, written after its last byte. `id` is made before the call, so that a row is written once. */
export const usageLogs = pgTable(
  'usage_logs',
  {
    id: uuid('id').primaryKey(),
    requestId: text('request_id').notNull(),
    userId: integer('user_id').references(() => users.id, { onDelete: 'set null' }),
    apiKeyId: integer('api_key_id').references(() => apiKeys.id, { onDelete: 'set null' }),
    endpoint: text('endpoint').notNull(),
    model: text('model'),
    stream: boolean('stream').notNull(),
    /** HTTP status that the client saw, or would have seen had the stream not begun. 499: the client left. */
    status: integer('status').notNull(),
    errorCode: text('error_code'),
    promptTokens: integer('prompt_tokens'),
    completionTokens: integer('completion_tokens'),
    /** Whether the tokens are our estimate because the plug-in reported none. */
    estimated: boolean('estimated').notNull().default(false),
    /** What the call used, in 1/10,000 unit; null: not known yet, or nothing that is counted. */
    quota: integer('quota'),
    /** What was charged while the call was taken for interrupted, though it was not. */
    interimQuota: integer('interim_quota'),
    timeToFirstByteMs: integer('time_to_first_byte_ms'),
    durationMs: integer('duration_ms').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    /** When the row was last written, by the database's clock: whoever changes a row says `now()` again. */
    writtenAt: timestamp('written_at', { withTimezone: true, mode: 'date' })
      .notNull()
      .default(sql`now()`),
  },
  (table) => [
    index('usage_logs_user_created_index').on(table.userId, table.createdAt),
    index('usage_logs_key_created_index').on(table.apiKeyId, table.createdAt),
    index('usage_logs_created_index').on(table.createdAt),
    // Rows that came after their day may have been rolled up; nearly none.
    index('usage_logs_late_index')
      .on(sql`((${table.createdAt} at time zone 'UTC')::date)`, table.writtenAt)
      .where(sql`${table.writtenAt} - ${table.createdAt} > interval '1 hour'`),
  ],
)
