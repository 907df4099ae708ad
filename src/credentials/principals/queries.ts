import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Statement } from '../../db/batch.ts'
import type { Database } from '../../db/client.ts'
import { apiKeys, pluginAccounts, users } from '../../db/schema/index.ts'
import type { KeyPrincipal, Person } from './schemas.ts'

/** What the gate has to know about a person; from `users`, left-joined with `plugin_accounts`. */
export const personColumns = {
  userId: users.id,
  username: users.username,
  role: users.role,
  trustLevel: users.trustLevel,
  isActive: users.isActive,
  banEndsAt: sql<number | null>`case when ${users.bannedAt} is not null
    then (extract(epoch from ${users.bannedUntil}) * 1000)::float8 end`.as('ban_ends_at'),
  isSilenced: users.isSilenced,
  tenure: users.tenure,
  keyTenure: users.keyTenure,
  pluginKeyCiphertext: pluginAccounts.keyCiphertext,
}

export async function findPerson(db: Database, userId: number): Promise<Person | null> {
  const [row] = await db
    .select(personColumns)
    .from(users)
    .leftJoin(pluginAccounts, eq(pluginAccounts.userId, users.id))
    .where(eq(users.id, userId))
    .limit(1)
  return row ?? null
}

/** Something that is read from PostgreSQL in the same round trip as a principal. */
export interface ReadBeside {
  statement(db: Database, userId: number): Statement
  /** Gets what the statement gave. */
  take(result: unknown): void
}

/** What the gate has to know about a key and its owner; null for a key that is unknown or deleted. */
export async function findPrincipalByHash(
  db: Database,
  keyHash: string,
  userId: number,
  beside?: ReadBeside,
): Promise<KeyPrincipal | null> {
  const [rows, result] = beside
    ? await db.batch([principalByHash(db, keyHash), beside.statement(db, userId)])
    : [await principalByHash(db, keyHash)]
  const [row] = rows
  if (!row) return null
  beside?.take(result)
  return {
    record: { ...row.key, limits: row.limits, expiresAt: row.key.expiresAt?.getTime() ?? null },
    person: row.person,
  }
}

function principalByHash(db: Database, keyHash: string) {
  return db
    .select({
      key: {
        apiKeyId: apiKeys.id,
        userId: apiKeys.userId,
        configType: apiKeys.configType,
        scopes: apiKeys.scopes,
        madeAs: apiKeys.madeAs,
        tenure: apiKeys.tenure,
        isActive: apiKeys.isActive,
        expiresAt: apiKeys.expiresAt,
      },
      limits: {
        models: apiKeys.models,
        requestsPerMinute: apiKeys.requestsPerMinute,
        quotaPerDay: apiKeys.quotaPerDay,
        quotaPerMonth: apiKeys.quotaPerMonth,
      },
      person: personColumns,
    })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .leftJoin(pluginAccounts, eq(pluginAccounts.userId, apiKeys.userId))
    .where(and(eq(apiKeys.keyHash, keyHash), isNull(apiKeys.revokedAt)))
    .limit(1)
}
