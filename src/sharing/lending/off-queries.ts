import { and, asc, eq, gt, inArray, isNotNull, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { HELD_OFF, lentAccounts, users } from '../../db/schema/index.ts'

/** Who lends accounts, in the order of their ids. */
export async function pageOfLenders(db: Database, after: number, limit: number): Promise<number[]> {
  const { userId } = lentAccounts
  const rows = await db
    .selectDistinct({ userId })
    .from(lentAccounts)
    .where(and(isNotNull(userId), gt(userId, after)))
    .orderBy(asc(userId))
    .limit(limit)
  return rows.flatMap((row) => row.userId ?? [])
}

/** The accounts that are off by our hand, to be kept for their owner. */
export async function keptOff(db: Database, userId: number): Promise<Set<string>> {
  const rows = await db
    .select({ id: lentAccounts.cookieId })
    .from(lentAccounts)
    .where(and(eq(lentAccounts.userId, userId), inArray(lentAccounts.hold, HELD_OFF)))
  return new Set(rows.map(({ id }) => id))
}

/** Somebody's id and address, where they want to be told about what they lend. */
export function addressOfLender(userId: number): SQL {
  return sql`select id, email from ${users} where id = ${userId} and email is not null
    and email_verified_at is not null and is_active and wants_quota_mail`
}
