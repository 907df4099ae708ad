import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { Statement } from '../../db/batch.ts'
import type { Database } from '../../db/client.ts'
import {
  apiKeys,
  emailChanges,
  identities,
  oneTimeTokens,
  recoveryCodes,
  totpFactors,
  users,
} from '../../db/schema/index.ts'

export type EndedIdentity = typeof identities.$inferSelect

/** Whether nobody has shown yet that who reads at the address is who made the account. */
function isUnproven(userId: SQL): SQL {
  return sql`exists (select 1 from ${users} owner where owner.id = ${userId}
    and (owner.email_verified_at is null or owner.open_claim is not null))`
}

/**
 * Ends what was in an account before address and account were proven together: identities, and the
 * authenticator app, whenever it was added: whose it is nobody knows either. A change of address that
 * waits ends in any case. For the batch that proves the address, before the person's row changes.
 *
 * @param userId yields the person, or nobody
 * @returns statements; the first one returns the identities that were deleted (`EndedIdentity`)
 */
export function endFormerWays(db: Database, userId: SQL): Statement[] {
  return [
    db
      .delete(identities)
      .where(and(sql`${identities.userId} = ${userId}`, isUnproven(userId)))
      .returning(),
    db.delete(totpFactors).where(and(sql`${totpFactors.userId} = ${userId}`, isUnproven(userId))),
    db.delete(recoveryCodes).where(sql`${recoveryCodes.userId} = ${userId} and not exists (
      select 1 from ${totpFactors} factor where factor.user_id = ${userId})`),
    db.delete(emailChanges).where(sql`${emailChanges.userId} = ${userId}`),
    db
      .delete(oneTimeTokens)
      .where(
        and(
          sql`${oneTimeTokens.userId} = ${userId}`,
          inArray(oneTimeTokens.purpose, ['change_email_old', 'change_email_new', 'verify_email']),
        ),
      ),
  ]
}

/** Marks all keys of a person as deleted, where `condition` holds at its place in the batch. @returns their ids */
export function revokeKeys(db: Database, userId: SQL | number, now: Date, condition = sql`true`) {
  return db
    .update(apiKeys)
    .set({ revokedAt: now })
    .where(and(sql`${apiKeys.userId} = ${userId}`, isNull(apiKeys.revokedAt), condition))
    .returning({ id: apiKeys.id })
}

/** The same where the person wants it, or nobody knows whose keys they are. */
export function revokeKeysAtProof(db: Database, userId: SQL, now: Date, isWanted: boolean) {
  return revokeKeys(db, userId, now, isWanted ? sql`true` : isUnproven(userId))
}

/** Keys that are being made at this moment are dead, too. */
export function countKeyTenure(db: Database, userId: number, condition = sql`true`) {
  return db
    .update(users)
    .set({ keyTenure: sql`${users.keyTenure} + 1` })
    .where(and(eq(users.id, userId), condition))
}

/**
 * What becomes of a person's row when the address is proven by a mail and a secret is chosen anew: what
 * was begun before comes to nothing.
 *
 * @param endsKeys whether keys end even if they are known to be the person's
 */
export function provenBy(now: Date, endsKeys: boolean) {
  const endsAnyway = sql`(${users.emailVerifiedAt} is null or ${users.openClaim} is not null)`
  return {
    emailVerifiedAt: sql`coalesce(${users.emailVerifiedAt}, ${now.toISOString()}::timestamptz)`,
    openClaim: null,
    tenure: sql`${users.tenure} + 1`,
    keyTenure: sql`${users.keyTenure}
      + case when ${endsKeys}::boolean or ${endsAnyway} then 1 else 0 end`,
  }
}
