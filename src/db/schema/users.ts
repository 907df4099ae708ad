import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'

/** From most to least powerful. */
export const ROLES = ['admin', 'model_manager', 'user', 'guest'] as const
export type Role = (typeof ROLES)[number]

/**
 * People. `username_key` and `email_key` are folded spellings. User names are unique; an address is
 * so only once it is confirmed, since until then it is only what somebody claims.
 */
export const users = pgTable(
  'users',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    username: text('username').notNull(),
    usernameKey: text('username_key').notNull(),
    /** What the name looks like (UTS 39 skeleton); null where an older name looks the same already. */
    usernameSkeleton: text('username_skeleton'),
    email: text('email'),
    emailKey: text('email_key'),
    emailVerifiedAt: timestamp('email_verified_at', { withTimezone: true, mode: 'date' }),
    /**
     * Set while the address is confirmed by a link alone, which does not say that whoever reads the mails
     * also made what is in the account: `confirmed` at first, `moved` to it from another address.
     */
    openClaim: text('open_claim', { enum: ['confirmed', 'moved'] }),
    /**
     * Counts whenever everything that was begun before is to end. What carries an earlier number (a
     * session, an enrolment, a change of address, adding an identity) comes to nothing.
     */
    tenure: integer('tenure').notNull().default(0),
    /** The same for API keys. */
    keyTenure: integer('key_tenure').notNull().default(0),
    /** PHC string; null for people who sign in through an identity provider only. */
    passwordHash: text('password_hash'),
    role: text('role', { enum: ROLES }).notNull().default('user'),
    trustLevel: smallint('trust_level').notNull().default(0),
    isActive: boolean('is_active').notNull().default(true),
    isSilenced: boolean('is_silenced').notNull().default(false),
    /** Set while the person is banned, which is one way of being inactive. */
    bannedAt: timestamp('banned_at', { withTimezone: true, mode: 'date' }),
    /** When the ban ends by itself; null: never. */
    bannedUntil: timestamp('banned_until', { withTimezone: true, mode: 'date' }),
    banReason: text('ban_reason'),
    avatarUrl: text('avatar_url'),
    /** Whether they want a mail when little of a pool of theirs is left. */
    wantsQuotaMail: boolean('wants_quota_mail').notNull().default(true),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true, mode: 'date' }).notNull(),
    lastLoginAt: timestamp('last_login_at', { withTimezone: true, mode: 'date' }),
  },
  (table) => [
    uniqueIndex('users_username_key_unique').on(table.usernameKey),
    uniqueIndex('users_username_skeleton_unique').on(table.usernameSkeleton),
    uniqueIndex('users_confirmed_email_unique')
      .on(table.emailKey)
      .where(sql`${table.emailVerifiedAt} is not null`),
    index('users_email_key_index').on(table.emailKey),
    index('users_banned_until_index').on(table.bannedUntil),
    index('users_created_index').on(table.createdAt),
    check('users_role_known', sql`${table.role} in ('admin', 'model_manager', 'user', 'guest')`),
    check('users_trust_level_range', sql`${table.trustLevel} between 0 and 4`),
  ],
)
