import { sql } from 'drizzle-orm'
import { index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/**
 * How far holding an account back has come. The intention is always written before the plug-in is
 * asked, so that what a crash left half done can be told from what its owner did.
 */
export const HOLDS = [
  /** One of its models fell to the reserve; nobody has looked yet. */
  'fallen',
  /** Being made dedicated. */
  'taking',
  /** Dedicated, until its quota is back. */
  'held',
  /** Switched off until its quota is back, where the plug-in cannot make a lent account dedicated. */
  'off',
  /** Being shared again. */
  'returning',
  /** Its owner lends even the reserve: left alone up to `until`. */
  'waived',
] as const

/** Dedicated or switched off by our hand, or on the way there or back: lent all the same, whatever the plug-in calls it. */
export const HELD = [
  'taking',
  'held',
  'off',
  'returning',
] as const satisfies readonly (typeof HOLDS)[number][]
/** In these it may be switched off by our hand. */
export const HELD_OFF = ['taking', 'off'] as const satisfies readonly (typeof HOLDS)[number][]

/** AI accounts that are lent to everybody, and which of them are held back for their owner. */
export const lentAccounts = pgTable(
  'lent_accounts',
  {
    cookieId: text('cookie_id').primaryKey(),
    /** Null where it was used before we heard whose it is. */
    userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** Null: nothing is the matter. */
    hold: text('hold', { enum: HOLDS }),
    /** What fell to the reserve. */
    model: text('model'),
    /** What was left of it at the last look, in 1/10,000 of its quota. */
    left: integer('quota_left'),
    /** When the quota is expected back. */
    until: timestamp('held_until', { withTimezone: true, mode: 'date' }),
    /** When to look at it again, and nobody before; null: not at all. */
    lookAt: timestamp('look_at', { withTimezone: true, mode: 'date' }),
    /** Looks since the last one that succeeded. */
    attempts: integer('attempts').notNull().default(0),
  },
  (table) => [
    index('lent_accounts_user_index').on(table.userId),
    index('lent_accounts_look_index').on(table.lookAt).where(sql`${table.lookAt} is not null`),
  ],
)
