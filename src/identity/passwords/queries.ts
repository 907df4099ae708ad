import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { users } from '../../db/schema/index.ts'
import { provenBy } from '../ownership/index.ts'

/** Only while the old hash is still the one that was checked. */
export function replaceHash(
  db: Database,
  userId: number,
  oldHash: string | null,
  passwordHash: string,
  now: Date,
) {
  return db
    .update(users)
    .set({ passwordHash, updatedAt: now })
    .where(and(eq(users.id, userId), sql`${users.passwordHash} is not distinct from ${oldHash}`))
    .returning({ id: users.id })
}

/** Whether the person's hash is this one; true only after `replaceHash` in the same batch. */
export function hashIs(userId: number, passwordHash: string): SQL {
  return sql`exists (select 1 from ${users}
    where id = ${userId} and password_hash = ${passwordHash})`
}

/** A condition of a change that is made only where somebody wants it. */
export function ifWanted(isWanted: boolean, condition: SQL): SQL {
  return isWanted ? condition : sql`false`
}

/**
 * Sets the hash of whoever `userId` yields; the mailbox is theirs, so that the address is proven.
 *
 * @param endsKeys whether their keys end, too
 */
export function setHashOf(
  db: Database,
  userId: SQL,
  { passwordHash, endsKeys, now }: { passwordHash: string; endsKeys: boolean; now: Date },
) {
  return db
    .update(users)
    .set({ passwordHash, ...provenBy(now, endsKeys), updatedAt: now })
    .where(sql`${users.id} = ${userId}`)
}

export async function findHash(
  db: Database,
  userId: number,
): Promise<{ passwordHash: string | null; username: string; email: string | null } | null> {
  const [row] = await db
    .select({ passwordHash: users.passwordHash, username: users.username, email: users.email })
    .from(users)
    .where(eq(users.id, userId))
    .limit(1)
  return row ?? null
}
