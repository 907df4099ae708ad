import { and, asc, eq, exists, inArray, isNotNull, ne, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Ctx } from '../../context.ts'
import type { Database } from '../../db/client.ts'
import { identities, users } from '../../db/schema/index.ts'
import { auditRowFor, auditRowIf } from '../../notices/audit/index.ts'
import { activeAt, type UserRow } from '../accounts/index.ts'
import type { Profile } from './profile.ts'

export type IdentityRow = typeof identities.$inferSelect

/** Who somebody is at a provider, with what the provider has given us for them. */
export interface Sighting {
  provider: string
  issuer: string
  profile: Profile
  /** Absent ones keep what is stored. */
  accessTokenCiphertext: string | null
  refreshTokenCiphertext: string | null
  tokenExpiresAt: Date | null
  now: Date
}

export async function findIdentity(
  db: Database,
  issuer: string,
  subject: string,
): Promise<{ identity: IdentityRow; user: UserRow } | null> {
  const [row] = await db
    .select({ identity: identities, user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)))
    .limit(1)
  return row ?? null
}

/**
 * The statement that gives an identity to somebody who is being added, for the same transaction; it
 * fails when the identity belongs to somebody already.
 *
 * @param userId how that transaction speaks of them
 */
export function addIdentityOf(db: Database, userId: SQL, sighting: Sighting) {
  const isSilenced = sighting.profile.isSilenced === true
  return db.execute(insertFor(sighting, sql`${users.id} = ${userId}`, isSilenced))
}

/**
 * Gives an identity to somebody who is signed in, with its audit row.
 *
 * @param person with their `tenure` when they began
 * @returns false when the identity belongs to somebody already, or the person cannot sign in, or
 *   everything that they had begun was ended
 */
export function addIdentity(
  ctx: Ctx,
  { userId, tenure }: { userId: number; tenure: number },
  sighting: Sighting,
): Promise<boolean> {
  const isThey = sql`${users.id} = ${userId} and ${users.tenure} = ${tenure}`
  return addIfFree(ctx, sql`${isThey} and ${activeAt(sighting.now)}`, sighting)
}

/**
 * Gives an identity to the person who has proven the same address as the provider has; decided by
 * the statement itself, since an address can change hands in between.
 *
 * @param emailKey folded
 * @returns false when there is nobody with that address, or they have not proven it
 */
export function addIdentityByEmail(
  ctx: Ctx,
  emailKey: string,
  sighting: Sighting,
): Promise<boolean> {
  const owner = sql`${users.emailKey} = ${emailKey} and ${users.emailVerifiedAt} is not null
    and ${users.openClaim} is null`
  return addIfFree(ctx, owner, sighting)
}

/** Whether somebody has confirmed an address here without proving that the account is theirs, too. */
export async function hasOpenClaim(db: Database, emailKey: string): Promise<boolean> {
  const rows = await db
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.emailKey, emailKey),
        isNotNull(users.emailVerifiedAt),
        isNotNull(users.openClaim),
      ),
    )
    .limit(1)
  return rows.length > 0
}

async function addIfFree(ctx: Ctx, owner: SQL, sighting: Sighting): Promise<boolean> {
  const { db } = ctx.services
  const event = { event: 'identity.linked', details: { provider: sighting.provider } } as const
  const [, inserted] = await db.batch([
    // Before the row exists: afterwards nothing tells a new one from an old one.
    auditRowFor(
      ctx,
      event,
      sql`(select ${users.id} from ${users} where ${owner} and not exists (
        select from ${identities} where ${identities.issuer} = ${sighting.issuer}
          and ${identities.subject} = ${sighting.profile.subject}))`,
    ),
    db.execute(ifFree(insertFor(sighting, owner))),
  ])
  return inserted.rows.length > 0
}

function ifFree(insert: SQL): SQL {
  return sql`${insert} on conflict (issuer, subject) do nothing returning id`
}

function insertFor(sighting: Sighting, owner: SQL, imposedSilence = false): SQL {
  const { profile } = sighting
  const now = timestamp(sighting.now)
  return sql`
    insert into ${identities} (
      user_id, provider, issuer, subject, username, email, email_verified, avatar_url,
      imposed_silence, access_token_ciphertext, refresh_token_ciphertext, token_expires_at,
      created_at, updated_at, last_login_at
    )
    select ${users.id}, ${sighting.provider}::text, ${sighting.issuer}::text, ${profile.subject}::text,
      ${profile.username}::text, ${profile.email}::text, ${profile.isEmailVerified}::boolean,
      ${profile.avatarUrl}::text, ${imposedSilence}::boolean,
      ${sighting.accessTokenCiphertext}::text, ${sighting.refreshTokenCiphertext}::text,
      ${timestamp(sighting.tokenExpiresAt)}, ${now}, ${now}, ${now}
    from ${users} where ${owner}`
}

/**
 * Writes down what a provider says now about somebody whom we know: their profile there, and here
 * picture, trust level and status. A status that the provider has imposed it may lift; one that
 * somebody else has imposed, or a ban, stays.
 *
 * @param identityId ours
 * @returns the person as they are then; null when the identity is gone
 */
export async function recordSighting(
  db: Database,
  identityId: number,
  { profile, ...sighting }: Sighting,
): Promise<UserRow | null> {
  const now = timestamp(sighting.now)
  const silenced = sql`${profile.isSilenced}::boolean`
  const inactive = sql`${profile.isActive === null ? null : !profile.isActive}::boolean`
  const [, rows] = await db.batch([
    db.execute(sql`
      with seen as (
        select i.id, i.user_id, i.imposed_silence, i.imposed_inactivity, u.is_silenced, u.is_active
        from ${identities} i join ${users} u on u.id = i.user_id
        where i.id = ${identityId} for update
      ), noted as (
        update ${identities} as i set
          username = ${profile.username}::text,
          email = ${profile.email}::text,
          email_verified = ${profile.isEmailVerified}::boolean,
          avatar_url = ${profile.avatarUrl}::text,
          imposed_silence = case when ${silenced} is null then i.imposed_silence
            else ${silenced} and (seen.imposed_silence or not seen.is_silenced) end,
          imposed_inactivity = case when ${inactive} is null then i.imposed_inactivity
            else ${inactive} and (seen.imposed_inactivity or seen.is_active) end,
          access_token_ciphertext = coalesce(${sighting.accessTokenCiphertext}::text, i.access_token_ciphertext),
          refresh_token_ciphertext = coalesce(${sighting.refreshTokenCiphertext}::text, i.refresh_token_ciphertext),
          token_expires_at = case when ${sighting.accessTokenCiphertext}::text is null
            then i.token_expires_at else ${timestamp(sighting.tokenExpiresAt)} end,
          updated_at = ${now},
          last_login_at = ${now}
        from seen where i.id = seen.id
      )
      update ${users} as u set
        avatar_url = coalesce(${profile.avatarUrl}::text, u.avatar_url),
        trust_level = coalesce(${profile.trustLevel}::smallint, u.trust_level),
        is_silenced = case when ${silenced} then true
          when not ${silenced} and seen.imposed_silence then false else u.is_silenced end,
        is_active = case when ${inactive} then false
          when not ${inactive} and seen.imposed_inactivity and u.banned_at is null then true
          else u.is_active end,
        updated_at = ${now}
      from seen where u.id = seen.user_id`),
    db
      .select({ user: users })
      .from(users)
      .innerJoin(identities, eq(identities.userId, users.id))
      .where(eq(identities.id, identityId)),
  ])
  return rows[0]?.user ?? null
}

/** A person's identities, the oldest first. */
export async function listIdentities(db: Database, userId: number): Promise<IdentityRow[]> {
  return db
    .select()
    .from(identities)
    .where(eq(identities.userId, userId))
    .orderBy(asc(identities.id))
}

export async function findOwnIdentity(
  db: Database,
  userId: number,
  identityId: number,
): Promise<IdentityRow | null> {
  const [row] = await db
    .select()
    .from(identities)
    .where(and(eq(identities.id, identityId), eq(identities.userId, userId)))
    .limit(1)
  return row ?? null
}

/**
 * Deletes an identity unless the person could not sign in any more. The lock on the person comes
 * first, in a statement of its own: of two parallel deletions the second then sees the first.
 *
 * @param usable ids of the providers that are configured; an identity at another one opens nothing
 * @returns what was deleted; null when there was nothing to delete, or it is the last way in
 */
export async function deleteIdentity(
  ctx: Ctx,
  userId: number,
  identity: Pick<IdentityRow, 'id' | 'provider'>,
  usable: string[],
): Promise<IdentityRow | null> {
  const { db } = ctx.services
  const other = alias(identities, 'other')
  const hasPassword = db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, userId), isNotNull(users.passwordHash)))
  const hasAnother = db
    .select({ id: other.id })
    .from(other)
    .where(
      and(eq(other.userId, userId), ne(other.id, identity.id), inArray(other.provider, usable)),
    )
  const isDeletable = and(
    eq(identities.id, identity.id),
    eq(identities.userId, userId),
    or(exists(hasPassword), exists(hasAnother)),
  )
  const [, , rows] = await db.batch([
    db.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('update'),
    auditRowIf(
      ctx,
      { event: 'identity.unlinked', userId, details: { provider: identity.provider } },
      sql`exists (select from ${identities} where ${isDeletable})`,
    ),
    db.delete(identities).where(isDeletable).returning(),
  ])
  return rows[0] ?? null
}

/** Deletes all identities of somebody who goes, where `condition` holds at this place in the batch. */
export function deleteIdentitiesOf(db: Database, userId: number, condition: SQL) {
  return db
    .delete(identities)
    .where(and(eq(identities.userId, userId), condition))
    .returning()
}

/** Stores refreshed tokens, unless others have been stored since `before` was read. */
export async function replaceTokens(
  db: Database,
  before: IdentityRow,
  tokens: Pick<
    Sighting,
    'accessTokenCiphertext' | 'refreshTokenCiphertext' | 'tokenExpiresAt' | 'now'
  >,
): Promise<void> {
  await db
    .update(identities)
    .set({
      accessTokenCiphertext: tokens.accessTokenCiphertext,
      // A provider that sends none means: keep the old one (RFC 6749 §6).
      refreshTokenCiphertext: tokens.refreshTokenCiphertext ?? before.refreshTokenCiphertext,
      tokenExpiresAt: tokens.tokenExpiresAt,
      updatedAt: tokens.now,
    })
    .where(
      and(
        eq(identities.id, before.id),
        eq(identities.accessTokenCiphertext, before.accessTokenCiphertext ?? ''),
      ),
    )
}

function timestamp(date: Date | null): SQL {
  return sql`${date?.toISOString() ?? null}::timestamptz`
}
