import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { users } from './users.ts'

/*
 * The fair-share ledger. Every amount is an integer of 1/10,000 unit; one unit is the whole quota of
 * one AI account.
 */

/** How much there is to draw, and how it recovers. */
const poolColumns = {
  ceiling: bigint('ceiling', { mode: 'number' }).notNull().default(0),
  /** As of `accruedAt`; below zero when something cost more than was foreseen. */
  balance: bigint('balance', { mode: 'number' }).notNull().default(0),
  /** Earned, but above a ceiling that has come down since; comes back when the ceiling rises. */
  frozen: bigint('frozen', { mode: 'number' }).notNull().default(0),
  /** Up to when recovery has been written down. */
  accruedAt: timestamp('accrued_at', { withTimezone: true, mode: 'date' }).notNull(),
  /** Recovery that does not make a whole 1/10,000 unit yet: ceiling × milliseconds, below 18,000,000. */
  remainder: bigint('remainder', { mode: 'number' }).notNull().default(0),
  /** Counts the changes, so that an old copy never replaces a newer one. */
  version: bigint('version', { mode: 'number' }).notNull().default(0),
}

/**
 * What a person brings, and what a pool of theirs that was never drawn from would hold: a new pool
 * begins as a copy of it.
 */
export const quotaHolders = pgTable('quota_holders', {
  userId: integer('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** Usable accounts that are lent to everybody; those count as well that are held back for now. */
  sharedAccounts: integer('shared_accounts').notNull().default(0),
  /** Usable accounts that nobody else draws from; those count as well that are held back for now. */
  dedicatedAccounts: integer('dedicated_accounts').notNull().default(0),
  /** Usable accounts that are lent, but held back for their owner: they count as both of the above. */
  heldBackAccounts: integer('held_back_accounts').notNull().default(0),
  ...poolColumns,
})

/** What one person may still draw for one group of models. */
export const quotaPools = pgTable(
  'quota_pools',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => quotaHolders.userId, { onDelete: 'cascade' }),
    groupName: text('group_name').notNull(),
    ...poolColumns,
    /** The owner has been told that little is left, and it has not recovered since. */
    isLow: boolean('is_low').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.groupName] }),
    index('quota_pools_recovering_index')
      .on(table.accruedAt)
      .where(sql`${table.balance} < ${table.ceiling}`),
    check('quota_pools_frozen_check', sql`${table.frozen} >= 0`),
  ],
)

export const LEDGER_KINDS = ['opening', 'recovery', 'use', 'ceiling'] as const

/** Every change of a balance. For each pool the sum of `amount` is its balance. */
export const quotaLedger = pgTable(
  'quota_ledger',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: integer('user_id')
      .notNull()
      .references(() => quotaHolders.userId, { onDelete: 'cascade' }),
    groupName: text('group_name').notNull(),
    kind: text('kind', { enum: LEDGER_KINDS }).notNull(),
    amount: bigint('amount', { mode: 'number' }).notNull(),
    balanceAfter: bigint('balance_after', { mode: 'number' }).notNull(),
    /** What makes it happen once: the hour of a recovery, the call or consumption of a use. */
    key: text('key').notNull(),
    /** Model of a use. */
    model: text('model'),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
  },
  (table) => [
    uniqueIndex('quota_ledger_once_unique').on(
      table.userId,
      table.groupName,
      table.kind,
      table.key,
    ),
    index('quota_ledger_user_index').on(table.userId, table.id),
  ],
)

/**
 * The plug-in's consumption rows, copied out: it erases them with the account. Each says how far a
 * call saw an account go down, so that rows of calls that ran side by side overlap.
 */
export const consumptionRows = pgTable(
  'consumption_rows',
  {
    logId: text('log_id').primaryKey(),
    userId: integer('user_id').references(() => users.id, { onDelete: 'set null' }),
    cookieId: text('cookie_id').notNull(),
    model: text('model').notNull(),
    groupName: text('group_name').notNull(),
    isShared: boolean('is_shared').notNull(),
    quotaBefore: integer('quota_before').notNull(),
    quotaAfter: integer('quota_after').notNull(),
    consumedAt: timestamp('consumed_at', { withTimezone: true, mode: 'date' }).notNull(),
    /** The call that it was found to belong to. */
    usageId: uuid('usage_id'),
    /** By which what overlaps is shared out. */
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
    /** What it counts: its share of what the account really lost. */
    amount: integer('amount').notNull(),
  },
  (table) => [
    index('consumption_rows_user_index').on(table.userId, table.consumedAt),
    index('consumption_rows_account_index').on(table.cookieId, table.model, table.consumedAt),
  ],
)
