import { sql } from 'drizzle-orm'
import { index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

/**
 * Models of AI accounts that are switched off, and by whom: the plug-in switches one off when it is
 * used up, and never on again.
 */
export const modelSwitches = pgTable(
  'model_switches',
  {
    cookieId: text('cookie_id').notNull(),
    model: text('model').notNull(),
    /** Its owner leaves it out, until they say otherwise; or it came to its end. */
    by: text('switched_by', { enum: ['owner', 'end'] }).notNull(),
    /** When to look whether it has quota again, and nobody before; null: not at all. */
    lookAt: timestamp('look_at', { withTimezone: true, mode: 'date' }),
    /** Looks since the last one that succeeded. */
    attempts: integer('attempts').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.cookieId, table.model] }),
    index('model_switches_look_index').on(table.lookAt).where(sql`${table.lookAt} is not null`),
  ],
)
