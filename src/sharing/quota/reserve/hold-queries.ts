import { and, asc, eq, inArray, isNotNull, lte, sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import { HELD, type HOLDS, lentAccounts } from '../../../db/schema/index.ts'

export type LentAccount = typeof lentAccounts.$inferSelect
export type HoldState = (typeof HOLDS)[number]

/** What is kept for its owner. */
export interface Hold {
  model: string | null
  /** In 1/10,000 of its quota. */
  left: number | null
  until: Date | null
  /** Nobody draws from it, its owner neither. */
  isOff: boolean
}

const NONE = { hold: null, model: null, left: null, until: null, lookAt: null, attempts: 0 }

/** Takes the right to look at what is due, the longest waiting first; nobody else does up to `until`. */
export function claimLooks(
  db: Database,
  now: Date,
  until: Date,
  limit: number,
): Promise<LentAccount[]> {
  const due = db
    .select({ cookieId: lentAccounts.cookieId })
    .from(lentAccounts)
    .where(lte(lentAccounts.lookAt, now))
    .orderBy(asc(lentAccounts.lookAt))
    .limit(limit)
    .for('update', { skipLocked: true })
  return db
    .update(lentAccounts)
    .set({ attempts: sql`${lentAccounts.attempts} + 1`, lookAt: until })
    .where(inArray(lentAccounts.cookieId, due))
    .returning()
}

/** When to look again; null: nothing is held back. */
export async function nextLookAt(db: Database): Promise<Date | null> {
  const [row] = await db
    .select({ at: lentAccounts.lookAt })
    .from(lentAccounts)
    .where(isNotNull(lentAccounts.lookAt))
    .orderBy(asc(lentAccounts.lookAt))
    .limit(1)
  return row?.at ?? null
}

/** Puts a look off that came to nothing, unless the matter has ended meanwhile. */
export async function postponeLook(db: Database, cookieId: string, lookAt: Date): Promise<void> {
  await db
    .update(lentAccounts)
    .set({ lookAt })
    .where(and(eq(lentAccounts.cookieId, cookieId), isNotNull(lentAccounts.lookAt)))
}

/** @returns whether it stood in one of the states `from`: its owner may have been quicker */
export async function moveHold(
  db: Database,
  cookieId: string,
  from: readonly HoldState[],
  to: Partial<Omit<LentAccount, 'cookieId' | 'userId'>>,
): Promise<boolean> {
  const rows = await db
    .update(lentAccounts)
    .set(to)
    .where(and(eq(lentAccounts.cookieId, cookieId), inArray(lentAccounts.hold, [...from])))
    .returning({ cookieId: lentAccounts.cookieId })
  return rows.length > 0
}

/** Nothing is the matter any more. */
export function endHold(
  db: Database,
  cookieId: string,
  from: readonly HoldState[],
): Promise<boolean> {
  return moveHold(db, cookieId, from, NONE)
}

/** Whose it is. */
export async function setOwner(db: Database, cookieId: string, userId: number): Promise<void> {
  await db.update(lentAccounts).set({ userId }).where(eq(lentAccounts.cookieId, cookieId))
}

export async function forgetLent(db: Database, cookieId: string): Promise<void> {
  await db.delete(lentAccounts).where(eq(lentAccounts.cookieId, cookieId))
}

/** What is held back for somebody, by account. */
export async function holdsOf(db: Database, userId: number): Promise<Map<string, Hold>> {
  const { cookieId, model, left, until } = lentAccounts
  const isOff = sql<boolean>`${lentAccounts.hold} = 'off'`
  const rows = await db
    .select({ cookieId, model, left, until, isOff })
    .from(lentAccounts)
    .where(and(eq(lentAccounts.userId, userId), inArray(lentAccounts.hold, [...HELD])))
  return new Map(rows.map(({ cookieId: id, ...hold }) => [id, hold]))
}

/**
 * The owner takes it back: nothing is done to it any more.
 *
 * @param from only where it stands in one of these states
 */
export async function clearHold(
  db: Database,
  userId: number,
  cookieId: string,
  from?: readonly HoldState[],
): Promise<void> {
  const { cookieId: id, userId: owner, hold } = lentAccounts
  await db
    .update(lentAccounts)
    .set(NONE)
    .where(and(eq(id, cookieId), eq(owner, userId), from && inArray(hold, [...from])))
}

/**
 * The owner lends what was held back: it is left alone until the quota is back.
 *
 * @param from only where it stands in one of these states
 */
export async function waiveHold(
  db: Database,
  userId: number,
  cookieId: string,
  from: readonly HoldState[] = HELD,
): Promise<void> {
  await db
    .update(lentAccounts)
    .set({ hold: 'waived', lookAt: null, attempts: 0 })
    .where(
      and(
        eq(lentAccounts.cookieId, cookieId),
        eq(lentAccounts.userId, userId),
        inArray(lentAccounts.hold, [...from]),
      ),
    )
}
