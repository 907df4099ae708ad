import { and, asc, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { pluginAccounts, pluginDeletions, users } from '../../db/schema/index.ts'

export type PluginAccountRow = typeof pluginAccounts.$inferSelect

export async function findPluginAccount(
  db: Database,
  userId: number,
): Promise<PluginAccountRow | null> {
  const [row] = await db
    .select()
    .from(pluginAccounts)
    .where(eq(pluginAccounts.userId, userId))
    .limit(1)
  return row ?? null
}

/** The stored keys of several people, by who they are; whoever has none is missing. */
export async function readKeys(
  db: Database,
  userIds: readonly number[],
): Promise<Map<number, string>> {
  const rows = await db
    .select({ userId: pluginAccounts.userId, key: pluginAccounts.keyCiphertext })
    .from(pluginAccounts)
    .where(inArray(pluginAccounts.userId, [...userIds]))
  return new Map(rows.flatMap(({ userId, key }) => (key === null ? [] : [[userId, key] as const])))
}

/** Who has this user at the plug-in; null: nobody of ours. */
export async function personOfPluginUser(
  db: Database,
  pluginUserId: string,
): Promise<number | null> {
  const [row] = await db
    .select({ userId: pluginAccounts.userId })
    .from(pluginAccounts)
    .where(eq(pluginAccounts.pluginUserId, pluginUserId))
    .limit(1)
  return row?.userId ?? null
}

/**
 * Takes the right to make the next attempt, for everybody: until `nextAttemptAt` nobody else gets
 * it. Null when there is nothing to do, or somebody else is at it.
 */
export async function claimAttempt(
  db: Database,
  userId: number,
  now: Date,
  nextAttemptAt: Date,
): Promise<PluginAccountRow | null> {
  const [row] = await db
    .update(pluginAccounts)
    .set({ attempts: sql`${pluginAccounts.attempts} + 1`, nextAttemptAt, updatedAt: now })
    .where(
      and(
        eq(pluginAccounts.userId, userId),
        eq(pluginAccounts.state, 'pending'),
        lte(pluginAccounts.nextAttemptAt, now),
      ),
    )
    .returning()
  return row ?? null
}

/** Ends provisioning; only the attempt that still holds the claim may. */
export async function markReady(
  db: Database,
  claim: PluginAccountRow,
  stored: { pluginUserId: string; keyCiphertext: string; now: Date },
): Promise<boolean> {
  const { now, ...columns } = stored
  const rows = await db
    .update(pluginAccounts)
    .set({ ...columns, state: 'ready', updatedAt: now })
    .where(
      and(
        eq(pluginAccounts.userId, claim.userId),
        eq(pluginAccounts.state, 'pending'),
        eq(pluginAccounts.attempts, claim.attempts),
      ),
    )
    .returning({ userId: pluginAccounts.userId })
  return rows.length > 0
}

const anew = (now: Date) => ({
  state: 'pending' as const,
  // The user may be there: it is looked for before one is made.
  attempts: sql`greatest(${pluginAccounts.attempts}, 1)`,
  nextAttemptAt: now,
  updatedAt: now,
})

/**
 * Begins provisioning anew, for a key that the plug-in refuses; only one who saw that key may, and
 * only where it is older than `before`.
 */
export async function reopen(
  db: Database,
  userId: number,
  keyCiphertext: string,
  now: Date,
  before: Date,
): Promise<boolean> {
  const rows = await db
    .update(pluginAccounts)
    .set(anew(now))
    .where(
      and(
        eq(pluginAccounts.userId, userId),
        eq(pluginAccounts.state, 'ready'),
        eq(pluginAccounts.keyCiphertext, keyCiphertext),
        lte(pluginAccounts.updatedAt, before),
      ),
    )
    .returning({ userId: pluginAccounts.userId })
  return rows.length > 0
}

/** Begins provisioning anew, whatever stands there; an attempt that is under way comes to nothing. */
export async function beginAnew(db: Database, userId: number, now: Date): Promise<void> {
  await db.update(pluginAccounts).set(anew(now)).where(eq(pluginAccounts.userId, userId))
}

/** How a page of people is registered at the plug-in, in the order of their ids. */
export async function pageOfAccounts(db: Database, after: number, limit: number) {
  return db
    .select({ account: pluginAccounts, username: users.username })
    .from(pluginAccounts)
    .innerJoin(users, eq(users.id, pluginAccounts.userId))
    .where(gt(pluginAccounts.userId, after))
    .orderBy(asc(pluginAccounts.userId))
    .limit(limit)
}

/** Gives the claim back, so that the next attempt may begin at `nextAttemptAt`. */
export async function releaseClaim(
  db: Database,
  claim: PluginAccountRow,
  nextAttemptAt: Date,
): Promise<void> {
  await db
    .update(pluginAccounts)
    .set({ nextAttemptAt })
    .where(
      and(eq(pluginAccounts.userId, claim.userId), eq(pluginAccounts.attempts, claim.attempts)),
    )
}

/** Whose provisioning waits for another attempt, the longest waiting first. */
export async function listDue(db: Database, now: Date, limit: number): Promise<number[]> {
  const rows = await db
    .select({ userId: pluginAccounts.userId })
    .from(pluginAccounts)
    .where(and(eq(pluginAccounts.state, 'pending'), lte(pluginAccounts.nextAttemptAt, now)))
    .orderBy(asc(pluginAccounts.nextAttemptAt))
    .limit(limit)
  return rows.map((row) => row.userId)
}

/** When the next attempt at provisioning is due; null: nobody waits for it. */
export async function nextPendingAt(db: Database): Promise<Date | null> {
  const [row] = await db
    .select({ at: pluginAccounts.nextAttemptAt })
    .from(pluginAccounts)
    .where(eq(pluginAccounts.state, 'pending'))
    .orderBy(asc(pluginAccounts.nextAttemptAt))
    .limit(1)
  return row?.at ?? null
}

export type PluginDeletionRow = typeof pluginDeletions.$inferSelect

/** Takes the right to make the next attempt at the deletions that are due. */
export async function claimDeletions(
  db: Database,
  now: Date,
  nextAttemptAt: Date,
  limit: number,
): Promise<PluginDeletionRow[]> {
  const due = db
    .select({ pluginName: pluginDeletions.pluginName })
    .from(pluginDeletions)
    .where(lte(pluginDeletions.nextAttemptAt, now))
    .orderBy(asc(pluginDeletions.nextAttemptAt))
    .limit(limit)
    .for('update', { skipLocked: true })
  return db
    .update(pluginDeletions)
    .set({ attempts: sql`${pluginDeletions.attempts} + 1`, nextAttemptAt })
    .where(inArray(pluginDeletions.pluginName, due))
    .returning()
}

/** When the next attempt at a deletion is due; null: none waits for one. */
export async function nextDeletionAt(db: Database): Promise<Date | null> {
  const [row] = await db
    .select({ at: pluginDeletions.nextAttemptAt })
    .from(pluginDeletions)
    .orderBy(asc(pluginDeletions.nextAttemptAt))
    .limit(1)
  return row?.at ?? null
}

export async function removeDeletion(db: Database, pluginName: string): Promise<void> {
  await db.delete(pluginDeletions).where(eq(pluginDeletions.pluginName, pluginName))
}
