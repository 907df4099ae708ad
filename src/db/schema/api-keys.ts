import { boolean, index, integer, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import type { Scope } from '../../scopes.ts'
import { ROLES, users } from './users.ts'

/** API keys: only the SHA-256 of a key is kept; a deleted key keeps its row so that usage stays attributable. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name'),
    description: text('description'),
    /** Hexadecimal SHA-256. */
    keyHash: text('key_hash').notNull(),
    /** First characters, for people to recognise it by. */
    keyPreview: text('key_preview').notNull(),
    /** The account system behind the plug-in that requests with this key draw from. */
    configType: text('config_type').notNull().default('antigravity'),
    /** What the key is narrowed to; null: everything that a key may. */
    scopes: text('scopes').array().$type<Scope[]>(),
    /** Models that the key may ask for; null: all. */
    models: text('models').array(),
    requestsPerMinute: integer('requests_per_minute'),
    /** What the key may use in one day (UTC), in 1/10,000 unit. */
    quotaPerDay: integer('quota_per_day'),
    quotaPerMonth: integer('quota_per_month'),
    /** The role that its owner had when it was made: it never may more. */
    madeAs: text('made_as', { enum: ROLES }).notNull().default('user'),
    /** The owner's `keyTenure` when it was made: a key of an earlier one is dead. */
    tenure: integer('tenure').notNull().default(0),
    /** False: its owner has switched it off, and may switch it on again. */
    isActive: boolean('is_active').notNull().default(true),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true, mode: 'date' }),
    lastUsedAt: timestamp('last_used_at', { withTimezone: true, mode: 'date' }),
    revokedAt: timestamp('revoked_at', { withTimezone: true, mode: 'date' }),
  },
  (table) => [
    uniqueIndex('api_keys_key_hash_unique').on(table.keyHash),
    index('api_keys_user_id_index').on(table.userId),
  ],
)
