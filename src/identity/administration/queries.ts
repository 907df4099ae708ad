import {
  and,
  asc,
  desc,
  eq,
  ilike,
  isNotNull,
  isNull,
  lt,
  lte,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { type Role, totpFactors, users } from '../../db/schema/index.ts'

export type AdminUserRow = typeof users.$inferSelect & { hasSecondFactor: boolean }

const hasSecondFactor = sql<boolean>`exists (select 1 from ${totpFactors}
  where ${totpFactors.userId} = ${users.id} and ${totpFactors.confirmedAt} is not null)`

const columns = { user: users, hasSecondFactor }

export interface UserFilter {
  /** Folded. */
  search?: string | undefined
  role?: Role | undefined
  isActive?: boolean | undefined
  isBanned?: boolean | undefined
  /** Keyset: only people who came before this one. */
  beforeId?: number | undefined
  limit: number
  /** How many to leave out of what is found. */
  skip: number
}

/** The newest people first. */
export async function listUsers(db: Database, filter: UserFilter): Promise<AdminUserRow[]> {
  const pattern = filter.search && `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`
  const rows = await db
    .select(columns)
    .from(users)
    .where(
      and(
        pattern ? or(ilike(users.usernameKey, pattern), ilike(users.emailKey, pattern)) : undefined,
        filter.role && eq(users.role, filter.role),
        filter.isActive === undefined ? undefined : eq(users.isActive, filter.isActive),
        filter.isBanned === undefined
          ? undefined
          : filter.isBanned
            ? isNotNull(users.bannedAt)
            : isNull(users.bannedAt),
        filter.beforeId === undefined ? undefined : lt(users.id, filter.beforeId),
      ),
    )
    .orderBy(desc(users.id))
    .limit(filter.limit)
    .offset(filter.skip)
  return rows.map(flatten)
}

export async function findAdminUser(db: Database, id: number): Promise<AdminUserRow | null> {
  const [row] = await db.select(columns).from(users).where(eq(users.id, id)).limit(1)
  return row ? flatten(row) : null
}

function flatten(row: { user: typeof users.$inferSelect; hasSecondFactor: boolean }) {
  return { ...row.user, hasSecondFactor: row.hasSecondFactor }
}

export type UserChanges = Partial<
  Pick<
    typeof users.$inferSelect,
    | 'username'
    | 'usernameKey'
    | 'usernameSkeleton'
    | 'email'
    | 'emailKey'
    | 'emailVerifiedAt'
    | 'openClaim'
    | 'passwordHash'
    | 'role'
    | 'trustLevel'
    | 'isActive'
    | 'isSilenced'
    | 'avatarUrl'
    | 'bannedAt'
    | 'bannedUntil'
    | 'banReason'
  >
>

/** What has to hold for a change to be made. */
export type Condition = SQL

/** A condition, and that the person has none of these roles at that moment. */
export function unlessOf(condition: Condition, userId: number, roles: Role[]): Condition {
  if (roles.length === 0) return condition
  return sql`(${condition} and exists (select 1 from ${users}
    where ${users.id} = ${userId} and ${notInArray(users.role, roles)}))`
}

/** What stands in the way of a change. */
export interface Obstacles {
  mayChange: boolean
  isNameTaken: boolean
  isAddressTaken: boolean
}

/**
 * What stands in the way of a change at this moment; null when there is no such person.
 *
 * @param mayChange the condition of the change itself
 */
export async function findObstacles(
  db: Database,
  userId: number,
  { usernameKey, usernameSkeleton, emailKey, emailVerifiedAt }: UserChanges,
  mayChange: Condition,
): Promise<Obstacles | null> {
  const newAddress =
    emailKey === undefined
      ? sql`(select email_key from ${users} where id = ${userId})`
      : sql`${emailKey}::text`
  const isNameTaken = usernameKey
    ? sql`exists (select 1 from ${users} other
        where other.id <> ${userId} and (other.username_key = ${usernameKey}
          or other.username_skeleton = ${usernameSkeleton ?? null}))`
    : sql`false`
  const isAddressTaken = emailVerifiedAt
    ? sql`exists (select 1 from ${users} other where other.id <> ${userId}
        and other.email_verified_at is not null and other.email_key = ${newAddress})`
    : sql`false`
  const [row] = await db
    .select({
      mayChange: sql<boolean>`${mayChange}`,
      isNameTaken: sql<boolean>`${isNameTaken}`,
      isAddressTaken: sql<boolean>`${isAddressTaken}`,
    })
    .from(users)
    .where(eq(users.id, userId))
  return row ?? null
}

/**
 * The person's address as a `source` for mails, where `condition` holds.
 *
 * @param newEmailKey only if it differs from this one
 */
export function addressBefore(
  userId: number,
  condition: Condition,
  newEmailKey?: string | null,
): SQL {
  const differs =
    newEmailKey === undefined ? sql`true` : sql`email_key is distinct from ${newEmailKey}::text`
  return sql`select id, email from ${users}
    where id = ${userId} and email is not null and ${differs} and ${condition}`
}

/** @param condition what must hold at this place in the batch */
export function updateUser(
  db: Database,
  id: number,
  changes: UserChanges,
  now: Date,
  condition: SQL,
) {
  return db
    .update(users)
    .set({ ...changes, updatedAt: now })
    .where(and(eq(users.id, id), condition))
    .returning({ id: users.id })
}

/** Whose ban has come to its end. */
export async function listEndedBans(db: Database, now: Date, limit: number): Promise<number[]> {
  const rows = await db
    .select({ id: users.id })
    .from(users)
    .where(and(isNotNull(users.bannedAt), lte(users.bannedUntil, now)))
    .orderBy(asc(users.bannedUntil))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** When the next ban ends; null: none does by itself. */
export async function nextEndOfBan(db: Database): Promise<Date | null> {
  const [row] = await db
    .select({ at: users.bannedUntil })
    .from(users)
    .where(and(isNotNull(users.bannedAt), isNotNull(users.bannedUntil)))
    .orderBy(asc(users.bannedUntil))
    .limit(1)
  return row?.at ?? null
}

/** Only while the ban is still the one that has ended. */
export function banHasEnded(now: Date): SQL {
  return sql`${users.bannedAt} is not null
    and ${users.bannedUntil} <= ${now.toISOString()}::timestamptz`
}

export function endedBanOf(userId: number, now: Date): SQL {
  return sql`exists (select 1 from ${users}
    where ${users.id} = ${userId} and ${banHasEnded(now)})`
}
