import {
  bigint,
  date,
  index,
  integer,
  pgTable,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { apiKeys } from './api-keys.ts'
import { users } from './users.ts'

/** What is counted of a group of calls. Two rows of the same group add up. */
const figures = () => ({
  requests: bigint('requests', { mode: 'number' }).notNull(),
  errors: bigint('errors', { mode: 'number' }).notNull(),
  promptTokens: bigint('prompt_tokens', { mode: 'number' }).notNull(),
  completionTokens: bigint('completion_tokens', { mode: 'number' }).notNull(),
  /** In 1/10,000 unit. */
  quota: bigint('quota', { mode: 'number' }).notNull(),
  /** A histogram: the buckets that hold anything, and how many calls each of them holds. */
  durationBuckets: smallint('duration_buckets').array().notNull(),
  durationCounts: integer('duration_counts').array().notNull(),
  firstByteBuckets: smallint('first_byte_buckets').array().notNull(),
  firstByteCounts: integer('first_byte_counts').array().notNull(),
})

/** Which days (UTC) of `usage_logs` have been rolled up, and how far. */
export const usageDays = pgTable('usage_days', {
  day: date('day', { mode: 'string' }).primaryKey(),
  /** When the roll-up that counts began: rows of before are in it. */
  startedAt: timestamp('started_at', { withTimezone: true, mode: 'date' }).notNull(),
  /** Rows created before this moment are in; null: what an earlier roll-up left is being cleared. */
  rolledUpTo: timestamp('rolled_up_to', { withTimezone: true, mode: 'date' }),
  /** Null while rows are missing: then the day is counted from `usage_logs`. */
  finishedAt: timestamp('finished_at', { withTimezone: true, mode: 'date' }),
  /** Since when its rows may be deleted: from now on the day is not rolled up again, only added to. */
  closedAt: timestamp('closed_at', { withTimezone: true, mode: 'date' }),
})

/**
 * The calls of a day by person, key and model. A large day is rolled up in slices and has several
 * rows for the same three; a person or key that is deleted leaves its column empty.
 */
export const usageDaily = pgTable(
  'usage_daily',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    day: date('day', { mode: 'string' }).notNull(),
    userId: integer('user_id').references(() => users.id, { onDelete: 'set null' }),
    apiKeyId: integer('api_key_id').references(() => apiKeys.id, { onDelete: 'set null' }),
    model: text('model'),
    ...figures(),
  },
  (table) => [
    index('usage_daily_user_index').on(table.userId, table.day),
    index('usage_daily_key_index').on(table.apiKeyId, table.day),
    index('usage_daily_model_index').on(table.model, table.day),
    index('usage_daily_day_index').on(table.day),
  ],
)

/** The same whatever the model: a fraction of the rows, for every question that is not about models. */
export const usageDailyKeys = pgTable(
  'usage_daily_keys',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    day: date('day', { mode: 'string' }).notNull(),
    userId: integer('user_id').references(() => users.id, { onDelete: 'set null' }),
    apiKeyId: integer('api_key_id').references(() => apiKeys.id, { onDelete: 'set null' }),
    ...figures(),
  },
  (table) => [
    index('usage_daily_keys_user_index').on(table.userId, table.day),
    index('usage_daily_keys_key_index').on(table.apiKeyId, table.day),
    index('usage_daily_keys_day_index').on(table.day),
  ],
)

/** The same whatever the key, for looking at persons. */
export const usageDailyPeople = pgTable(
  'usage_daily_people',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    day: date('day', { mode: 'string' }).notNull(),
    userId: integer('user_id').references(() => users.id, { onDelete: 'set null' }),
    ...figures(),
  },
  (table) => [
    index('usage_daily_people_user_index').on(table.userId, table.day),
    index('usage_daily_people_day_index').on(table.day),
  ],
)

/** The calls of a day by model alone, so that looking at everybody need not add everybody up. */
export const usageDailyModels = pgTable(
  'usage_daily_models',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    day: date('day', { mode: 'string' }).notNull(),
    model: text('model'),
    ...figures(),
  },
  (table) => [index('usage_daily_models_day_index').on(table.day)],
)
