import { bigint, index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/** What happened to whom, through whom, from where and with what outcome. Rows are only ever added, and expire. */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamp('at', { withTimezone: true, mode: 'date' }).notNull(),
    event: text('event').notNull(),
    outcome: text('outcome', { enum: ['success', 'failure'] }).notNull(),
    /** Whom it concerns; null for somebody unknown or deleted. */
    userId: integer('user_id').references(() => users.id, { onDelete: 'set null' }),
    /** Who did it, when it was a person. */
    actorUserId: integer('actor_user_id').references(() => users.id, { onDelete: 'set null' }),
    actorType: text('actor_type', {
      enum: ['anonymous', 'session', 'api_key', 'oauth', 'system'],
    }).notNull(),
    ip: text('ip'),
    userAgent: text('user_agent'),
    requestId: text('request_id').notNull(),
    /** Never a secret. */
    details: jsonb('details').$type<Record<string, string | number | boolean | null>>(),
  },
  (table) => [
    index('audit_events_user_index').on(table.userId, table.id),
    index('audit_events_actor_index').on(table.actorUserId),
    index('audit_events_at_index').on(table.at),
  ],
)
