import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { users } from '../../db/schema/index.ts'

/**
 * Notes a login, if the person may still log in by what was checked.
 *
 * @param checked the row that the password was compared with
 * @returns false when the password has changed or the account was disabled since
 */
export async function recordLogin(
  db: Database,
  checked: { id: number; passwordHash: string | null },
  now: Date,
): Promise<boolean> {
  const rows = await db
    .update(users)
    .set({ lastLoginAt: now })
    .where(
      and(
        eq(users.id, checked.id),
        eq(users.isActive, true),
        sql`${users.passwordHash} is not distinct from ${checked.passwordHash}`,
      ),
    )
    .returning({ id: users.id })
  return rows.length > 0
}
