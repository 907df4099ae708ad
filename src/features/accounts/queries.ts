import { eq, or, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { pluginAccounts, users } from '../../db/schema/index.ts'

export type UserRow = typeof users.$inferSelect

export interface NewUser {
  username: string
  usernameKey: string
  email: string | null
  emailKey: string | null
  passwordHash: string | null
  /** Unique name of the plug-in user that will be made for this person. */
  pluginName: string
  now: Date
}

export type InsertedUser = { user: UserRow } | { taken: 'username' | 'email' }

/**
 * Adds a person and, in the same transaction, the intent to provision a plug-in user. The unique
 * indexes decide between parallel registrations of one name.
 */
export async function insertUser(db: Database, input: NewUser): Promise<InsertedUser> {
  const { pluginName, now, ...columns } = input
  try {
    const [inserted] = await db.batch([
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
    ])
    const user = inserted[0]
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
