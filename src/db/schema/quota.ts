import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  date,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { apiKeys } from './api-keys.ts'
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
  /**
   * Groups that their own accounts do not serve at the moment, `*` for every one; null: nobody has
   * looked since something changed, so that it must not be relied on.
   */
  ownSpent: text('own_spent').array(),
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
    index('quota_ledger_detail_index')
      .on(table.createdAt)
      .where(sql`${table.key} not like 'month:%'`),
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
    /** What the vendor measures together with the model; null: booked before that mattered. */
    meter: text('meter'),
    isShared: boolean('is_shared').notNull(),
    quotaBefore: integer('quota_before').notNull(),
    quotaAfter: integer('quota_after').notNull(),
    /** When its call began, on the plug-in's clock; null: not known. */
    startedAt: timestamp('started_at', { withTimezone: true, mode: 'date' }),
    /** Whether it was measured; else it is guessed by the Worker's clock. */
    isTimed: boolean('is_timed').notNull().default(false),
    consumedAt: timestamp('consumed_at', { withTimezone: true, mode: 'date' }).notNull(),
    /** The call that it was found to belong to. */
    usageId: uuid('usage_id'),
    /** By which what an account lost is shared out. */
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
    /** What it counts: its share of what the account really lost, as far as that has shown. */
    amount: integer('amount').notNull(),
    /** Written, but what the account lost has not been shared out with it yet. */
    isPending: boolean('is_pending').notNull().default(false),
  },
  (table) => [
    index('consumption_rows_user_index').on(table.userId, table.consumedAt),
    index('consumption_rows_meter_index').on(table.cookieId, table.meter, table.consumedAt),
    index('consumption_rows_usage_index').on(table.usageId),
    index('consumption_rows_consumed_index').on(table.consumedAt),
    index('consumption_rows_pending_index').on(table.cookieId).where(sql`${table.isPending}`),
  ],
)

/** How one account stands with what the vendor measures together, as far as the ledger has seen it. */
export const accountMeters = pgTable(
  'account_meters',
  {
    cookieId: text('cookie_id').notNull(),
    meter: text('meter').notNull(),
    /** Counts the changes: whoever has read an older state changes nothing. */
    version: bigint('version', { mode: 'number' }).notNull(),
    /** The lowest fraction that was seen in this period, and the highest. */
    level: integer('level').notNull(),
    top: integer('top').notNull(),
    /** When the call began to which the highest was left. */
    topAt: timestamp('top_at', { withTimezone: true, mode: 'date' }).notNull(),
    /** Before it this period cannot have begun; 1970: it is the first that is known. */
    since: timestamp('since', { withTimezone: true, mode: 'date' }).notNull(),
    /** When the last drop was seen, or the period began: what ran since waits for the next one. */
    openSince: timestamp('open_since', { withTimezone: true, mode: 'date' }).notNull(),
    /** When the last row ended. */
    lastEndedAt: timestamp('last_ended_at', { withTimezone: true, mode: 'date' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.cookieId, table.meter] })],
)

/** What an account was seen to lose at once, and what of it nobody of ours can have used. */
export const accountDrops = pgTable(
  'account_drops',
  {
    /** Of the row that showed it; with a "<" at its end if the row showed it at its beginning. */
    id: text('id').primaryKey(),
    cookieId: text('cookie_id').notNull(),
    meter: text('meter').notNull(),
    /** The model, where only one was used. */
    model: text('model'),
    startedAt: timestamp('started_at', { withTimezone: true, mode: 'date' }).notNull(),
    endedAt: timestamp('ended_at', { withTimezone: true, mode: 'date' }).notNull(),
    lost: integer('lost').notNull(),
    outside: integer('outside').notNull(),
    /** Of all calls that share it: what the ledger learns from. */
    calls: doublePrecision('calls').notNull(),
    tokens: doublePrecision('tokens').notNull(),
  },
  (table) => [
    index('account_drops_account_index').on(table.cookieId, table.meter, table.endedAt),
    index('account_drops_meter_index').on(table.meter, table.endedAt),
    index('account_drops_ended_index').on(table.endedAt),
  ],
)

/** Who shares a drop, and what of it is theirs. */
export const dropShares = pgTable(
  'drop_shares',
  {
    logId: text('log_id')
      .notNull()
      .references(() => consumptionRows.logId, { onDelete: 'cascade' }),
    /** Empty: it waits for the next drop. */
    dropId: text('drop_id').notNull(),
    cookieId: text('cookie_id').notNull(),
    meter: text('meter').notNull(),
    /** How much of the call fell into it, from 0 to 1. */
    part: doublePrecision('part').notNull(),
    tokens: doublePrecision('tokens').notNull(),
    amount: integer('amount').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.logId, table.dropId] }),
    index('drop_shares_drop_index').on(table.dropId).where(sql`${table.dropId} <> ''`),
    index('drop_shares_waiting_index')
      .on(table.cookieId, table.meter)
      .where(sql`${table.dropId} = ''`),
  ],
)

/** What each key has used on a day (UTC), kept while usage rows go. */
export const keyUsage = pgTable(
  'key_usage',
  {
    apiKeyId: integer('api_key_id')
      .notNull()
      .references(() => apiKeys.id, { onDelete: 'cascade' }),
    day: date('day', { mode: 'string' }).notNull(),
    /** In 1/10,000 unit. */
    quota: bigint('quota', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.apiKeyId, table.day] }),
    index('key_usage_day_index').on(table.day),
  ],
)

/** What people have drawn from an account in a month (UTC), kept while the rows go. */
export const consumptionMonths = pgTable(
  'consumption_months',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    month: date('month', { mode: 'string' }).notNull(),
    userId: integer('user_id').references(() => users.id, { onDelete: 'set null' }),
    cookieId: text('cookie_id').notNull(),
    model: text('model').notNull(),
    isShared: boolean('is_shared').notNull(),
    calls: bigint('calls', { mode: 'number' }).notNull(),
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
    amount: bigint('amount', { mode: 'number' }).notNull(),
  },
  (table) => [
    index('consumption_months_user_index').on(table.userId, table.month),
    index('consumption_months_account_index').on(table.cookieId, table.month),
  ],
)

/** Up to when (exclusive) history has been put into monthly sums: what is older is known, and booked. */
export const archivedUntil = pgTable('archived_until', {
  what: text('what', { enum: ['ledger', 'consumption'] }).primaryKey(),
  until: timestamp('until', { withTimezone: true, mode: 'date' }).notNull(),
})
