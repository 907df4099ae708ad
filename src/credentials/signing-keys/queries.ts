import { and, desc, eq, gt, isNull, lte, notInArray, or, sql } from 'drizzle-orm'
import type { Ctx } from '../../context.ts'
import type { Database } from '../../db/client.ts'
import { type JwtAlgorithm, signingKeys } from '../../db/schema/index.ts'
import { auditRowIf } from '../../notices/audit/index.ts'

export type SigningKeyRow = typeof signingKeys.$inferSelect
export type NewSigningKey = Pick<
  SigningKeyRow,
  'id' | 'ringId' | 'algorithm' | 'secretCiphertext' | 'publicJwk' | 'createdAt'
>

/** All keys of a ring that still verify, the newest first. */
export async function listSigningKeys(
  db: Database,
  ringId: string,
  now: Date,
): Promise<SigningKeyRow[]> {
  return db
    .select()
    .from(signingKeys)
    .where(
      and(
        eq(signingKeys.ringId, ringId),
        or(isNull(signingKeys.verifiesUntil), gt(signingKeys.verifiesUntil, now)),
      ),
    )
    .orderBy(desc(signingKeys.createdAt))
}

/** Adds a key unless one of its algorithm signs already; the unique index decides between isolates. */
export async function insertFirstKey(db: Database, key: NewSigningKey): Promise<void> {
  await db.insert(signingKeys).values(key).onConflictDoNothing()
}

/**
 * Puts a new key in the place of the one that signs now. Of parallel rotations away from one key,
 * one succeeds: for the others there is nothing left to retire, and the index refuses their insert.
 *
 * @param previous id of the key to retire
 * @param ctx on whose behalf, for the audit log; absent where a key that does not open is replaced
 * @returns false when somebody else was faster
 */
export async function replaceKey(
  db: Database,
  previous: string,
  key: NewSigningKey,
  verifiesUntil: Date,
  ctx?: Ctx,
): Promise<boolean> {
  const isIn = sql`exists (select from ${signingKeys} where ${signingKeys.id} = ${key.id})`
  const [, inserted] = await db.batch([
    db
      .update(signingKeys)
      .set({ retiredAt: key.createdAt, verifiesUntil })
      .where(and(eq(signingKeys.id, previous), isNull(signingKeys.retiredAt))),
    db.insert(signingKeys).values(key).onConflictDoNothing().returning({ id: signingKeys.id }),
    ...(ctx ? [auditRowIf(ctx, { event: 'signing_key.rotated', userId: null }, isIn)] : []),
  ])
  return inserted.length > 0
}

/** Retires what signs for any other algorithm: the configuration has moved on. */
export async function retireOtherAlgorithms(
  db: Database,
  ringId: string,
  algorithms: JwtAlgorithm[],
  now: Date,
  verifiesUntil: Date,
): Promise<number> {
  const rows = await db
    .update(signingKeys)
    .set({ retiredAt: now, verifiesUntil })
    .where(
      and(
        eq(signingKeys.ringId, ringId),
        notInArray(signingKeys.algorithm, algorithms),
        isNull(signingKeys.retiredAt),
      ),
    )
    .returning({ id: signingKeys.id })
  return rows.length
}

/** Removes keys whose last token has expired. */
export async function deleteExpiredKeys(db: Database, now: Date): Promise<number> {
  const rows = await db
    .delete(signingKeys)
    .where(lte(signingKeys.verifiesUntil, now))
    .returning({ id: signingKeys.id })
  return rows.length
}
