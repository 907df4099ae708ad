import { and, eq, or, type SQL, sql } from 'drizzle-orm'
import { atomically, type Statement } from '../../db/batch.ts'
import type { Database } from '../../db/client.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { pluginAccounts, type Role, users } from '../../db/schema/index.ts'

export type UserRow = typeof users.$inferSelect

export interface NewUser {
  username: string
  usernameKey: string
  email: string | null
  emailKey: string | null
  passwordHash: string | null
  role?: Role
  trustLevel?: number
  emailVerifiedAt?: Date | null
  avatarUrl?: string | null
  isSilenced?: boolean
  /** Unique name of the plug-in user that will be made for this person. */
  pluginName: string
  now: Date
}

/** A `select` of a person's id and address. */
export type PersonSource = SQL

export type InsertedUser = { user: UserRow } | { taken: 'username' | 'email' }

/** How statements of the same batch speak of the person who is being added. */
export interface NewPersonRefs {
  id: SQL
  source: PersonSource
}

/**
 * Adds a person and, in the same transaction, the intent to provision a plug-in user. The unique
 * indexes decide between parallel registrations of one name.
 *
 * @param alongside what else belongs to the same transaction
 */
export async function insertUser(
  db: Database,
  input: NewUser,
  alongside: (person: NewPersonRefs) => (Statement | null)[] = () => [],
): Promise<InsertedUser> {
  const { pluginName, now, ...columns } = input
  const person = {
    id: sql`(select id from ${users} where username_key = ${input.usernameKey})`,
    source: sql`select id, email from ${users}
      where username_key = ${input.usernameKey} and email is not null`,
  }
  try {
    const [inserted] = await atomically(db, [
      db
        .insert(users)
        .values({ ...columns, createdAt: now, updatedAt: now })
        .returning(),
      db.insert(pluginAccounts).select(
        db
          .select({
            userId: users.id,
            pluginName: sql<string>`${pluginName}::text`.as('plugin_name'),
            state: sql<'pending'>`'pending'`.as('state'),
            pluginUserId: sql<null>`null::text`.as('plugin_user_id'),
            keyCiphertext: sql<null>`null::text`.as('key_ciphertext'),
            attempts: sql<number>`0`.as('attempts'),
            nextAttemptAt: sql<Date>`${now.toISOString()}::timestamptz`.as('next_attempt_at'),
            createdAt: sql<Date>`${now.toISOString()}::timestamptz`.as('created_at'),
            updatedAt: sql<Date>`${now.toISOString()}::timestamptz`.as('updated_at'),
          })
          .from(users)
          .where(eq(users.usernameKey, input.usernameKey)),
      ),
      ...alongside(person),
    ])
    const [user] = inserted as UserRow[]
    if (!user) throw new Error('the insert returned no row')
    return { user }
  } catch (error) {
    const constraint = uniqueViolation(error)
    if (constraint === 'users_username_key_unique') return { taken: 'username' }
    if (constraint === 'users_email_key_unique') return { taken: 'email' }
    throw error
  }
}

/** The person with that user name or e-mail address (folded), or null. User names contain no `@`. */
export async function findUserByName(db: Database, nameKey: string): Promise<UserRow | null> {
  const [row] = await db
    .select()
    .from(users)
    .where(or(eq(users.usernameKey, nameKey), eq(users.emailKey, nameKey)))
    .limit(1)
  return row ?? null
}

export async function findUserById(db: Database, id: number): Promise<UserRow | null> {
  const [row] = await db.select().from(users).where(eq(users.id, id)).limit(1)
  return row ?? null
}

/** Only while the old hash is still there: a password that was changed meanwhile stays changed. */
export async function replaceOldHash(
  db: Database,
  id: number,
  oldHash: string,
  passwordHash: string,
): Promise<void> {
  await db
    .update(users)
    .set({ passwordHash })
    .where(and(eq(users.id, id), eq(users.passwordHash, oldHash)))
}

/** The owner of an address, as a `source` for mails. */
export function ownerOfAddress(emailKey: string): PersonSource {
  return sql`select id, email from ${users} where email_key = ${emailKey} and is_active`
}

/** The same, while the address is not confirmed. */
export function unverifiedOwner(nameKey: string): PersonSource {
  return sql`select id, email from ${users}
    where (email_key = ${nameKey} or username_key = ${nameKey})
      and email is not null and email_verified_at is null and is_active`
}
