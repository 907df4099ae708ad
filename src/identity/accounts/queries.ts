import { and, desc, eq, ne, or, type SQL, sql } from 'drizzle-orm'
import { atomically, type Statement } from '../../db/batch.ts'
import type { Database } from '../../db/client.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { pluginAccounts, type Role, users } from '../../db/schema/index.ts'
import type { NameColumns } from './name-columns.ts'

export type UserRow = typeof users.$inferSelect

export interface NewUser extends NameColumns {
  email: string | null
  emailKey: string | null
  passwordHash: string | null
  role?: Role
  trustLevel?: number
  emailVerifiedAt?: Date | null
  avatarUrl?: string | null
  isSilenced?: boolean
  /** Unique name of the plug-in user that will be made for this person. */
  pluginName: string
  now: Date
}

/** A `select` of a person's id and address. */
export type PersonSource = SQL

export type InsertedUser = { user: UserRow } | { taken: 'username' | 'email' }

/** How statements of the same batch speak of the person who is being added. */
export interface NewPersonRefs {
  id: SQL
  source: PersonSource
}

/**
 * Adds a person and, in the same transaction, the intent to provision a plug-in user. The unique
 * indexes decide between parallel registrations of one name.
 *
 * @param alongside what else belongs to the same transaction
 */
export async function insertUser(
  db: Database,
  input: NewUser,
  alongside: (person: NewPersonRefs) => (Statement | null)[] = () => [],
): Promise<InsertedUser> {
  const { pluginName, now, ...columns } = input
  const person = {
    id: sql`(select id from ${users} where username_key = ${input.usernameKey})`,
    source: sql`select id, email from ${users}
      where username_key = ${input.usernameKey} and email is not null and ${mayGetMail}`,
  }
  try {
    const [inserted] = await atomically(db, [
      db
        .insert(users)
        .values({ ...columns, createdAt: now, updatedAt: now })
        .returning(),
      db.insert(pluginAccounts).select(
        db
          .select({
            userId: users.id,
            pluginName: sql<string>`${pluginName}::text`.as('plugin_name'),
            state: sql<'pending'>`'pending'`.as('state'),
            pluginUserId: sql<null>`null::text`.as('plugin_user_id'),
            keyCiphertext: sql<null>`null::text`.as('key_ciphertext'),
            attempts: sql<number>`0`.as('attempts'),
            nextAttemptAt: sql<Date>`${now.toISOString()}::timestamptz`.as('next_attempt_at'),
            createdAt: sql<Date>`${now.toISOString()}::timestamptz`.as('created_at'),
            updatedAt: sql<Date>`${now.toISOString()}::timestamptz`.as('updated_at'),
          })
          .from(users)
          .where(eq(users.usernameKey, input.usernameKey)),
      ),
      ...alongside(person),
    ])
    const [user] = inserted as UserRow[]
    if (!user) throw new Error('the insert returned no row')
    return { user }
  } catch (error) {
    const constraint = uniqueViolation(error)
    if (isNameTaken(constraint)) return { taken: 'username' }
    if (constraint === 'users_confirmed_email_unique') return { taken: 'email' }
    throw error
  }
}

/** Whether a violated constraint says that a user name, or one that looks like it, is somebody's. */
export function isNameTaken(constraint: string | undefined): boolean {
  return (
    constraint === 'users_username_key_unique' || constraint === 'users_username_skeleton_unique'
  )
}

/** Whether somebody has this user name, or one that looks like it. */
export async function isNameHeld(db: Database, name: NameColumns): Promise<boolean> {
  const rows = await db
    .select({ id: users.id })
    .from(users)
    .where(
      or(
        eq(users.usernameKey, name.usernameKey),
        eq(users.usernameSkeleton, name.usernameSkeleton),
      ),
    )
    .limit(1)
  return rows.length > 0
}

/** Writes down what a name looks like that was taken before that counted, unless another looks the same. */
export async function fillSkeleton(db: Database, id: number, skeleton: string): Promise<void> {
  await db
    .update(users)
    .set({ usernameSkeleton: skeleton })
    .where(
      sql`${users.id} = ${id} and ${users.usernameSkeleton} is null
        and not exists (select 1 from ${users} other where other.username_skeleton = ${skeleton})`,
    )
}

/** Whether somebody may act at a moment: a ban that has come to its end by then is none. */
export function activeAt(now: Date): SQL {
  return sql`(${users.isActive} or (${users.bannedAt} is not null
    and ${users.bannedUntil} <= ${now.toISOString()}::timestamptz))`
}

/** Who may be meant by a name that somebody signs in with. */
export interface NameCandidates {
  /** The person of that user name, or who has confirmed that address. */
  owner: UserRow | null
  /** Who was the last to claim the address without confirming it. */
  claimant: UserRow | null
}

/**
 * Who may be meant by a user name or an e-mail address (folded). User names contain no `@`. Anybody
 * can claim an address, so that of those who do only the last one counts: whoever claims one is
 * treated alike whether or not others have claimed or confirmed it.
 */
export async function findCandidates(db: Database, nameKey: string): Promise<NameCandidates> {
  const isOwner = ownsName(nameKey)
  const rows = await db
    .select({ user: users, isOwner: sql<boolean>`${isOwner}` })
    .from(users)
    .where(or(eq(users.usernameKey, nameKey), eq(users.emailKey, nameKey)))
    .orderBy(sql`${isOwner} desc`, desc(users.id))
    .limit(2)
  return {
    owner: rows.find((row) => row.isOwner)?.user ?? null,
    claimant: rows.find((row) => !row.isOwner)?.user ?? null,
  }
}

/** The person of that user name, or who has confirmed that address, or else is the last to claim it. */
export async function findUserByName(db: Database, nameKey: string): Promise<UserRow | null> {
  const { owner, claimant } = await findCandidates(db, nameKey)
  return owner ?? claimant
}

/**
 * Whoever may be meant, as a `source` for mails and tokens: the owner, or while nobody has confirmed the
 * address those who claim it, the last first.
 *
 * @param place 0 for the first of them
 */
export function personByName(nameKey: string, now: Date, place: number): PersonSource {
  return sql`select id, email from ${users}
    where (email_key = ${nameKey} or username_key = ${nameKey}) and email is not null
      and ${activeAt(now)} and ${mayGetMail}
    order by ${ownsName(nameKey)} desc, id desc offset ${place} limit 1`
}

/** The id of `findCandidates`' owner; null for nobody. */
export function ownerOf(nameKey: string): SQL {
  return sql`(select id from ${users}
    where (email_key = ${nameKey} or username_key = ${nameKey}) and ${ownsName(nameKey)})`
}

/** The id of its claimant; null for nobody. */
export function claimantOf(nameKey: string): SQL {
  return sql`(select max(id) from ${users}
    where email_key = ${nameKey} and not ${ownsName(nameKey)})`
}

function ownsName(nameKey: string): SQL {
  return sql`(${users.usernameKey} = ${nameKey} or ${users.emailVerifiedAt} is not null)`
}

/** No mail goes to an address on behalf of somebody who claims it when it is known to be another's. */
const mayGetMail = sql`(${users.emailVerifiedAt} is not null or not exists (
  select 1 from ${users} other
  where other.email_key = ${users.emailKey} and other.email_verified_at is not null))`

export async function findUserById(db: Database, id: number): Promise<UserRow | null> {
  const [row] = await db.select().from(users).where(eq(users.id, id)).limit(1)
  return row ?? null
}

/** Only while the old hash is still there: a password that was changed meanwhile stays changed. */
export async function replaceOldHash(
  db: Database,
  id: number,
  oldHash: string,
  passwordHash: string,
): Promise<void> {
  await db
    .update(users)
    .set({ passwordHash })
    .where(and(eq(users.id, id), eq(users.passwordHash, oldHash)))
}

/** Whether somebody has an address, confirmed or not. */
export async function isAddressKnown(
  db: Database,
  emailKey: string,
  exceptUserId = 0,
): Promise<boolean> {
  const rows = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.emailKey, emailKey), ne(users.id, exceptUserId)))
    .limit(1)
  return rows.length > 0
}

/** Who has confirmed an address, as a `source` for mails. */
export function ownerOfAddress(emailKey: string, now: Date): PersonSource {
  return sql`select id, email from ${users} 
    where email_key = ${emailKey} and email_verified_at is not null and ${activeAt(now)}`
}

/**
 * Whose address waits to be confirmed, or is so by a link alone: of several who claim one, the last first.
 *
 * @param place 0 for the first of them
 */
export function unverifiedOwner(nameKey: string, now: Date, place: number): PersonSource {
  return sql`select id, email from ${users}
    where (email_key = ${nameKey} or username_key = ${nameKey})
      and email is not null and (email_verified_at is null or open_claim is not null)
      and ${activeAt(now)} and ${mayGetMail}
    order by id desc offset ${place} limit 1`
}

/** The person, where their address is confirmed by a link alone; otherwise nobody. */
export function openClaimOf(userId: number): PersonSource {
  return sql`select id, email from ${users} where id = ${userId} and open_claim is not null`
}
