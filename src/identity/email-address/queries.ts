import { and, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { emailChanges, users } from '../../db/schema/index.ts'

export interface NewEmailChange {
  userId: number
  newEmail: string
  newEmailKey: string
  /** Set at once where there is no old mailbox that could agree. */
  oldConfirmedAt: Date | null
  /** The person's when it is begun. */
  tenure: number
  expiresAt: Date
}

/** Begins a change of address, in place of one that was begun before. */
export function upsertChange(db: Database, change: NewEmailChange) {
  const { userId, ...columns } = change
  return db
    .insert(emailChanges)
    .values({ userId, ...columns })
    .onConflictDoUpdate({
      target: emailChanges.userId,
      set: { ...columns, newConfirmedAt: null, isNewProven: false },
    })
}

/** The person's change of address that waits; null: none does. */
export async function findChange(db: Database, userId: number, now: Date) {
  const [row] = await db
    .select()
    .from(emailChanges)
    .where(and(eq(emailChanges.userId, userId), gt(emailChanges.expiresAt, now)))
    .limit(1)
  return row ?? null
}

/**
 * Notes that one mailbox has agreed.
 *
 * @param holderId whoever is signed in where it did
 */
export function confirmSide(
  db: Database,
  userId: SQL,
  side: 'old' | 'new',
  { holderId, now }: { holderId: number | null; now: Date },
) {
  const isNewProven = sql<boolean>`coalesce(${emailChanges.userId} = ${holderId}::integer, false)`
  return db
    .update(emailChanges)
    .set(side === 'old' ? { oldConfirmedAt: now } : { newConfirmedAt: now, isNewProven })
    .where(sql`${emailChanges.userId} = ${userId}`)
}

/** The person whose change both mailboxes have agreed to. */
export function agreedBy(userId: SQL, now: Date): SQL {
  return sql`(select user_id from ${emailChanges} where user_id = ${userId}
    and old_confirmed_at is not null and new_confirmed_at is not null
    and expires_at > ${now.toISOString()}::timestamptz
    and tenure = (select tenure from ${users} where ${users.id} = ${emailChanges.userId}))`
}

/** Where notice of the change goes: the address that is being given up. */
export function oldAddressOf(userId: SQL): SQL {
  return sql`select id, email from ${users} where id = ${userId} and email is not null`
}

/** Makes the change. A taken address violates `users_confirmed_email_unique` and undoes the whole batch. */
export function applyChange(db: Database, agreed: SQL, now: Date) {
  return db
    .update(users)
    .set({
      email: sql`(select new_email from ${emailChanges} where user_id = ${users.id})`,
      emailKey: sql`(select new_email_key from ${emailChanges} where user_id = ${users.id})`,
      emailVerifiedAt: now,
      openClaim: sql`(select case when is_new_proven then null else 'moved' end
        from ${emailChanges} where user_id = ${users.id})`,
      updatedAt: now,
    })
    .where(sql`${users.id} = ${agreed}`)
    .returning({ id: users.id })
}

export function deleteChange(db: Database, agreed: SQL) {
  return db.delete(emailChanges).where(sql`${emailChanges.userId} = ${agreed}`)
}

export async function deleteExpiredChanges(db: Database, now: Date): Promise<number> {
  const rows = await db
    .delete(emailChanges)
    .where(lt(emailChanges.expiresAt, now))
    .returning({ userId: emailChanges.userId })
  return rows.length
}

/**
 * Confirms the address of whoever `userId` yields, or proves what a link alone has confirmed before.
 *
 * @param holderId for whom it is proven, too, that the account is theirs
 */
export function markVerified(db: Database, userId: SQL, holderId: number | null, now: Date) {
  return db
    .update(users)
    .set({
      emailVerifiedAt: sql`coalesce(${users.emailVerifiedAt}, ${now.toISOString()}::timestamptz)`,
      openClaim: sql`case when ${users.id} = ${holderId}::integer then null else 'confirmed' end`,
      updatedAt: now,
    })
    .where(
      sql`${users.id} = ${userId} and (${users.emailVerifiedAt} is null
        or (${users.openClaim} is not null and ${users.id} = ${holderId}::integer))`,
    )
}

export async function findAddress(
  db: Database,
  userId: number,
): Promise<{ email: string | null; emailVerifiedAt: Date | null } | null> {
  const [row] = await db
    .select({ email: users.email, emailVerifiedAt: users.emailVerifiedAt })
    .from(users)
    .where(eq(users.id, userId))
    .limit(1)
  return row ?? null
}
