import { and, count, eq, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { recoveryCodes, totpFactors, users } from '../../db/schema/index.ts'

export type FactorRow = typeof totpFactors.$inferSelect

export async function findFactor(db: Database, userId: number): Promise<FactorRow | null> {
  const [row] = await db.select().from(totpFactors).where(eq(totpFactors.userId, userId)).limit(1)
  return row ?? null
}

/** Begins an enrolment, in place of one that was not completed. @returns false when one was */
export async function putPendingFactor(
  db: Database,
  { userId, tenure }: { userId: number; tenure: number },
  secretCiphertext: string,
  now: Date,
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    insert into ${totpFactors} as factor (user_id, secret_ciphertext, created_at)
    select id, ${secretCiphertext}, ${now.toISOString()}::timestamptz from ${users}
    where id = ${userId} and tenure = ${tenure}
    on conflict (user_id) do update set secret_ciphertext = excluded.secret_ciphertext,
      created_at = excluded.created_at, last_used_step = 0
    where factor.confirmed_at is null
    returning user_id`)
  return rows.length > 0
}

/**
 * Completes an enrolment: of several at once, one does.
 *
 * @param sealedAnew the same secret sealed once more; marks the row as changed by this very request
 */
export function confirmFactor(
  db: Database,
  factor: FactorRow,
  {
    sealedAnew,
    step,
    now,
    tenure,
  }: { sealedAnew: string; step: number; now: Date; tenure: number },
) {
  return db
    .update(totpFactors)
    .set({ confirmedAt: now, lastUsedStep: step, secretCiphertext: sealedAnew })
    .where(
      and(
        eq(totpFactors.userId, factor.userId),
        eq(totpFactors.secretCiphertext, factor.secretCiphertext),
        isNull(totpFactors.confirmedAt),
        sql`exists (select 1 from ${users}
          where ${users.id} = ${factor.userId} and ${users.tenure} = ${tenure})`,
      ),
    )
    .returning({ userId: totpFactors.userId })
}

/** Whether the row is what this very request made of it. */
export function factorIs(userId: number, secretCiphertext: string) {
  return sql`exists (select 1 from ${totpFactors}
    where user_id = ${userId} and secret_ciphertext = ${secretCiphertext})`
}

/** Uses up a time step: no code of it, or of an earlier one, is accepted again. @returns false when it was */
export async function useStep(db: Database, userId: number, step: number): Promise<boolean> {
  const rows = await db
    .update(totpFactors)
    .set({ lastUsedStep: step })
    .where(
      and(
        eq(totpFactors.userId, userId),
        isNotNull(totpFactors.confirmedAt),
        lt(totpFactors.lastUsedStep, step),
      ),
    )
    .returning({ userId: totpFactors.userId })
  return rows.length > 0
}

export function deleteFactor(db: Database, userId: number) {
  return db
    .delete(totpFactors)
    .where(eq(totpFactors.userId, userId))
    .returning({ confirmedAt: totpFactors.confirmedAt })
}

export function deleteRecoveryCodes(db: Database, userId: number) {
  return db.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId))
}

/** @param condition the codes are stored only where it holds at its place in the batch */
export function insertRecoveryCodes(
  db: Database,
  userId: number,
  hashes: string[],
  condition = sql`true`,
) {
  const list = sql.join(
    hashes.map((hash) => sql`(${hash})`),
    sql`, `,
  )
  return db.execute(sql`insert into ${recoveryCodes} (hash, user_id)
    select code.hash, ${userId}::integer from (values ${list}) as code(hash) where ${condition}`)
}

/** Uses up a recovery code: of many at once, one succeeds. */
export function useRecoveryCode(
  db: Database,
  userId: number,
  hash: string,
  { claimId, now }: { claimId: string; now: Date },
) {
  return db
    .update(recoveryCodes)
    .set({ usedAt: now, usedBy: claimId })
    .where(
      and(
        eq(recoveryCodes.hash, hash),
        eq(recoveryCodes.userId, userId),
        isNull(recoveryCodes.usedAt),
      ),
    )
    .returning({ hash: recoveryCodes.hash })
}

export async function countRecoveryCodes(db: Database, userId: number): Promise<number> {
  const [row] = await db
    .select({ left: count() })
    .from(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt)))
  return row?.left ?? 0
}

/** Whether this very request has used up the code. */
export function codeUsedBy(hash: string, claimId: string) {
  return sql`exists (select 1 from ${recoveryCodes}
    where hash = ${hash} and used_by = ${claimId}::uuid)`
}

/** The person's address as a `source` for mails, where `condition` holds. */
export function addressIf(userId: number, condition: SQL) {
  return sql`select id, email from ${users}
    where id = ${userId} and email is not null and ${condition}`
}

/** Whether the person has a second factor. */
export function isConfirmed(userId: number) {
  return sql`exists (select 1 from ${totpFactors}
    where user_id = ${userId} and confirmed_at is not null)`
}
