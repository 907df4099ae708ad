import { and, eq, sql } from 'drizzle-orm'
import type { Ctx } from '../../context.ts'
import { users } from '../../db/schema/index.ts'
import { auditRowIf } from '../../notices/audit/index.ts'
import { activeAt } from '../accounts/index.ts'

/**
 * Notes a login with its audit row, if the person may still log in by what was checked.
 *
 * @param checked the row that the password was compared with
 * @returns false when the password has changed, everything before was ended, or the account was disabled since
 */
export async function recordLogin(
  ctx: Ctx,
  checked: { id: number; passwordHash: string | null; tenure: number },
): Promise<boolean> {
  const { db } = ctx.services
  const mayLogIn = and(
    eq(users.id, checked.id),
    eq(users.tenure, checked.tenure),
    activeAt(new Date(ctx.clock.now())),
    sql`${users.passwordHash} is not distinct from ${checked.passwordHash}`,
  )
  const [rows] = await db.batch([
    db
      .update(users)
      .set({ lastLoginAt: new Date(ctx.clock.now()) })
      .where(mayLogIn)
      .returning({ id: users.id }),
    auditRowIf(
      ctx,
      { event: 'login.succeeded', userId: checked.id },
      sql`exists (select from ${users} where ${mayLogIn})`,
    ),
  ])
  return rows.length > 0
}
