import { and, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import {
  apiKeys,
  auditEvents,
  pluginAccounts,
  pluginDeletions,
  usageLogs,
  users,
} from '../../db/schema/index.ts'

export type UserRow = typeof users.$inferSelect

/** Whatever may take an administrator away holds this lock; the number has no meaning. */
const ADMIN_LOCK = 723_641_190

/**
 * First statement of a batch that may take an administrator away: such batches run one after the
 * other, so that two of them cannot each rely on the administrator whom the other one removes.
 */
export function lockAdministrators(db: Database) {
  return db.execute(sql`select pg_advisory_xact_lock(${ADMIN_LOCK}::bigint)`)
}

/** Whether there is another active administrator, or the person is none that counts. */
export function isNotLastAdministrator(userId: number): SQL {
  return sql`(not exists (select 1 from ${users} one
      where one.id = ${userId} and one.role = 'admin' and one.is_active)
    or exists (select 1 from ${users} other
      where other.id <> ${userId} and other.role = 'admin' and other.is_active))`
}

/** @param takesPower whether the change would make an administrator none, or inactive */
export function mayChange(userId: number, takesPower: boolean): SQL {
  const exists = sql`exists (select 1 from ${users} one where one.id = ${userId})`
  return takesPower ? sql`(${exists} and ${isNotLastAdministrator(userId)})` : exists
}

/** The intent to delete the person's user at the plug-in API. */
export function intendPluginDeletion(db: Database, userId: number, now: Date, condition: SQL) {
  const nowText = now.toISOString()
  return db.execute(sql`
    insert into ${pluginDeletions} (plugin_name, plugin_user_id, next_attempt_at, created_at)
    select plugin_name, plugin_user_id, ${nowText}::timestamptz, ${nowText}::timestamptz
    from ${pluginAccounts} where user_id = ${userId} and ${condition}
    on conflict do nothing`)
}

/** What remains of the audit log no longer says from where the person came. */
export function forgetTraces(db: Database, userId: number, condition: SQL) {
  return db
    .update(auditEvents)
    .set({ ip: null, userAgent: null })
    .where(
      sql`(${auditEvents.userId} = ${userId} or ${auditEvents.actorUserId} = ${userId}) and ${condition}`,
    )
}

/** Keys, plug-in account, tokens and second factor go with the person; usage rows stay without them. */
export function deleteUserRow(db: Database, userId: number, condition: SQL) {
  return db
    .delete(users)
    .where(and(eq(users.id, userId), condition))
    .returning({ id: users.id })
}

/** The address of somebody who has been deleted in this batch, as a `source` for a last mail. */
export function addressOfDeleted(userId: number, email: string): SQL {
  return sql`select null::integer, ${email}::text
    where not exists (select 1 from ${users} where id = ${userId})`
}

export function updateProfile(
  db: Database,
  userId: number,
  changes: Partial<
    Pick<UserRow, 'username' | 'usernameKey' | 'usernameSkeleton' | 'avatarUrl' | 'wantsQuotaMail'>
  >,
  now: Date,
) {
  return db
    .update(users)
    .set({ ...changes, updatedAt: now })
    .where(eq(users.id, userId))
    .returning()
}

/** The person's API keys without their hashes; for the export. */
export async function listKeysForExport(db: Database, userId: number) {
  return db
    .select({
      id: apiKeys.id,
      name: apiKeys.name,
      description: apiKeys.description,
      key_preview: apiKeys.keyPreview,
      is_active: apiKeys.isActive,
      created_at: apiKeys.createdAt,
      expires_at: apiKeys.expiresAt,
      last_used_at: apiKeys.lastUsedAt,
      revoked_at: apiKeys.revokedAt,
    })
    .from(apiKeys)
    .where(eq(apiKeys.userId, userId))
    .orderBy(apiKeys.id)
}

/** One page of the person's calls, oldest first. */
export async function listUsageForExport(
  db: Database,
  userId: number,
  after: { createdAt: Date; id: string } | null,
  limit: number,
) {
  return db
    .select({
      id: usageLogs.id,
      created_at: usageLogs.createdAt,
      endpoint: usageLogs.endpoint,
      model: usageLogs.model,
      stream: usageLogs.stream,
      status: usageLogs.status,
      prompt_tokens: usageLogs.promptTokens,
      completion_tokens: usageLogs.completionTokens,
      duration_ms: usageLogs.durationMs,
    })
    .from(usageLogs)
    .where(
      and(
        eq(usageLogs.userId, userId),
        after
          ? sql`(${usageLogs.createdAt}, ${usageLogs.id}) > (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`
          : undefined,
      ),
    )
    .orderBy(usageLogs.createdAt, usageLogs.id)
    .limit(limit)
}

/** One page of what the audit log knows of the person, oldest first. */
export async function listEventsForExport(
  db: Database,
  userId: number,
  afterId: number,
  limit: number,
) {
  return db
    .select({
      id: auditEvents.id,
      at: auditEvents.at,
      event: auditEvents.event,
      outcome: auditEvents.outcome,
      ip: auditEvents.ip,
      user_agent: auditEvents.userAgent,
    })
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.userId, userId),
        gt(auditEvents.id, afterId),
        // Where an administrator sat is not the person's business.
        sql`coalesce(${auditEvents.actorUserId}, ${userId}) = ${userId}`,
      ),
    )
    .orderBy(auditEvents.id)
    .limit(limit)
}
