import { and, eq, gt, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { oneTimeTokens, type TokenPurpose, users } from '../../db/schema/index.ts'

/** How soon the same person gets another mail of the same kind, so that nobody can flood a mailbox. */
const MIN_INTERVAL = '60 seconds'

interface NewToken {
  hash: string
  purpose: TokenPurpose
  now: Date
  expiresAt: Date
}

/**
 * Stores a token for whoever `source` yields (a `select` of a person's id and address), in place of
 * an older one. Nobody, or somebody who got one a moment ago: nothing is stored, and `ownerOfToken`
 * of this hash yields nobody.
 */
export function tokenRowFor(
  db: Database,
  { hash, purpose, now, expiresAt }: NewToken,
  source: SQL,
) {
  const nowText = now.toISOString()
  return db.execute(sql`
    insert into ${oneTimeTokens} as token (hash, purpose, user_id, email, created_at, expires_at)
    select ${hash}, ${purpose}, person.id, person.email,
      ${nowText}::timestamptz, ${expiresAt.toISOString()}::timestamptz
    from (${source}) as person(id, email)
    on conflict (user_id, purpose) do update
    set hash = excluded.hash, email = excluded.email, created_at = excluded.created_at,
      expires_at = excluded.expires_at, consumed_at = null, consumed_by = null
    where token.created_at <= ${nowText}::timestamptz - ${MIN_INTERVAL}::interval
      or token.consumed_at is not null`)
}

/** Stores a token for a known person, in place of an older one. */
export function putToken(db: Database, token: NewToken & { userId: number; email: string }) {
  const { now, ...columns } = token
  const fresh = { ...columns, createdAt: now, consumedAt: null, consumedBy: null }
  return db
    .insert(oneTimeTokens)
    .values(fresh)
    .onConflictDoUpdate({ target: [oneTimeTokens.userId, oneTimeTokens.purpose], set: fresh })
}

/** The person and address that a token was stored for, as a `source` of later statements. */
export function ownerOfToken(hash: string): SQL {
  return sql`select user_id, email from ${oneTimeTokens} where hash = ${hash}`
}

interface TokenClaim {
  hash: string
  purposes: TokenPurpose[]
  /** Unique to the request that claims. */
  claimId: string
  now: Date
}

/**
 * Consumes a token: of many at once, one succeeds. A token for an address that is not the person's
 * any more is worth nothing, except where it is about a new address.
 */
export function claimToken(db: Database, { hash, purposes, claimId, now }: TokenClaim) {
  return db
    .update(oneTimeTokens)
    .set({ consumedAt: now, consumedBy: claimId })
    .where(
      and(
        eq(oneTimeTokens.hash, hash),
        inArray(oneTimeTokens.purpose, purposes),
        isNull(oneTimeTokens.consumedAt),
        gt(oneTimeTokens.expiresAt, now),
        sql`(${oneTimeTokens.purpose} = 'change_email_new' or exists (
          select 1 from ${users}
          where ${users.id} = ${oneTimeTokens.userId} and ${users.email} = ${oneTimeTokens.email}))`,
      ),
    )
    .returning({
      userId: oneTimeTokens.userId,
      purpose: oneTimeTokens.purpose,
      email: oneTimeTokens.email,
    })
}

/** The person whose token this very request has consumed; empty when it has not. */
export function claimedUser(hash: string, claimId: string): SQL {
  return sql`(select user_id from ${oneTimeTokens}
    where hash = ${hash} and consumed_by = ${claimId}::uuid)`
}

/** The person and address whose token this very request has consumed, as a `source`. */
export function ownerOfClaim(hash: string, claimId: string): SQL {
  return sql`select user_id, email from ${oneTimeTokens}
    where hash = ${hash} and consumed_by = ${claimId}::uuid`
}

/** Whose token it is, while it can still be consumed. */
export async function findLiveToken(
  db: Database,
  hash: string,
  purpose: TokenPurpose,
  now: Date,
): Promise<{ userId: number; username: string; email: string | null } | null> {
  const [row] = await db
    .select({ userId: users.id, username: users.username, email: users.email })
    .from(oneTimeTokens)
    .innerJoin(users, and(eq(users.id, oneTimeTokens.userId), eq(users.email, oneTimeTokens.email)))
    .where(
      and(
        eq(oneTimeTokens.hash, hash),
        eq(oneTimeTokens.purpose, purpose),
        isNull(oneTimeTokens.consumedAt),
        gt(oneTimeTokens.expiresAt, now),
      ),
    )
    .limit(1)
  return row ?? null
}

/** Kills the tokens of a person that were mailed for these purposes. */
export function killTokens(db: Database, userId: number, purposes: TokenPurpose[]) {
  return db
    .delete(oneTimeTokens)
    .where(and(eq(oneTimeTokens.userId, userId), inArray(oneTimeTokens.purpose, purposes)))
}

export async function deleteExpiredTokens(db: Database, before: Date): Promise<number> {
  const rows = await db
    .delete(oneTimeTokens)
    .where(lt(oneTimeTokens.expiresAt, before))
    .returning({ hash: oneTimeTokens.hash })
  return rows.length
}
