import { and, asc, eq, lt, lte, type SQL, sql } from 'drizzle-orm'
import type * as z from 'zod'
import type { Database } from '../../db/client.ts'
import { mailOutbox, users } from '../../db/schema/index.ts'
import type { MailFacts } from './facts.ts'

export type OutboxRow = typeof mailOutbox.$inferSelect

export interface NewOutboxRow {
  id: string
  kind: string
  contentCiphertext: string
  now: Date
  expiresAt: Date
}

/** The mail to one known address. */
export function outboxRow(
  db: Database,
  row: NewOutboxRow & { userId: number | null; recipient: string },
) {
  const { now, ...columns } = row
  return db.insert(mailOutbox).values({ ...columns, nextAttemptAt: now, createdAt: now })
}

/**
 * The mail to whoever `source` yields: a `select` of a person's id and address. Nobody: no mail.
 */
export function outboxRowFor(db: Database, row: NewOutboxRow, source: SQL) {
  const { id, kind, contentCiphertext } = row
  const now = row.now.toISOString()
  return db.execute(sql`
    insert into ${mailOutbox}
      (id, user_id, kind, recipient, content_ciphertext, next_attempt_at, created_at, expires_at)
    select ${id}::uuid, person.id, ${kind}, person.email, ${contentCiphertext},
      ${now}::timestamptz, ${now}::timestamptz, ${row.expiresAt.toISOString()}::timestamptz
    from (${source}) as person(id, email)`)
}

/** How long a mail that carries no token stays of use. */
const LIFE = '24 hours'

/**
 * Mails that are written from facts when they are sent; for the statement that makes happen what
 * they report.
 *
 * @param source a `select` of id, user_id, recipient and the facts as JSON (`MailFacts` without `kind`)
 */
export function mailRows(kind: z.output<typeof MailFacts>['kind'], source: SQL, at: Date): SQL {
  const moment = sql`${at.toISOString()}::timestamptz`
  return sql`
    insert into ${mailOutbox}
      (id, user_id, kind, recipient, facts, next_attempt_at, created_at, expires_at)
    select id, user_id, ${kind}, recipient, facts || jsonb_build_object('kind', ${kind}::text),
      ${moment}, ${moment}, ${moment} + interval '${sql.raw(LIFE)}'
    from (${source}) as mail(id, user_id, recipient, facts)`
}

/** Takes the right to make the next attempt, for everybody. Null: nothing to do, or somebody is at it. */
export async function claimMail(
  db: Database,
  id: string,
  now: Date,
  nextAttemptAt: Date,
): Promise<OutboxRow | null> {
  const [row] = await db
    .update(mailOutbox)
    .set({ attempts: sql`${mailOutbox.attempts} + 1`, nextAttemptAt })
    .where(and(eq(mailOutbox.id, id), lte(mailOutbox.nextAttemptAt, now)))
    .returning()
  return row ?? null
}

/** What a mail says of the account that it is about; null: it is gone. */
export async function findAccount(
  db: Database,
  userId: number,
): Promise<{ username: string; createdAt: Date } | null> {
  const [row] = await db
    .select({ username: users.username, createdAt: users.createdAt })
    .from(users)
    .where(eq(users.id, userId))
    .limit(1)
  return row ?? null
}

export async function deleteMail(db: Database, id: string): Promise<void> {
  await db.delete(mailOutbox).where(eq(mailOutbox.id, id))
}

export async function postponeMail(
  db: Database,
  { id, attempts }: OutboxRow,
  nextAttemptAt: Date,
): Promise<void> {
  await db
    .update(mailOutbox)
    .set({ nextAttemptAt })
    .where(and(eq(mailOutbox.id, id), eq(mailOutbox.attempts, attempts)))
}

export async function listDueMails(db: Database, now: Date, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: mailOutbox.id })
    .from(mailOutbox)
    .where(lte(mailOutbox.nextAttemptAt, now))
    .orderBy(asc(mailOutbox.nextAttemptAt))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** When the next attempt at a mail is due; null: the outbox is empty. */
export async function nextMailAt(db: Database): Promise<Date | null> {
  const [row] = await db
    .select({ at: mailOutbox.nextAttemptAt })
    .from(mailOutbox)
    .orderBy(asc(mailOutbox.nextAttemptAt))
    .limit(1)
  return row?.at ?? null
}

/** @returns how many mails were given up */
export async function deleteExpiredMails(db: Database, now: Date): Promise<number> {
  const rows = await db
    .delete(mailOutbox)
    .where(lt(mailOutbox.expiresAt, now))
    .returning({ id: mailOutbox.id })
  return rows.length
}
