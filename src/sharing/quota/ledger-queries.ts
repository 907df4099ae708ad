import { and, desc, eq, lt } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { type LEDGER_KINDS, quotaLedger } from '../../db/schema/index.ts'

export type LedgerRow = typeof quotaLedger.$inferSelect

export interface LedgerFilter {
  userId: number
  group: string | undefined
  kind: (typeof LEDGER_KINDS)[number] | undefined
  /** Keyset: only what came before this row. */
  beforeId: number | undefined
  limit: number
}

/** The newest rows first. */
export function readLedger(db: Database, filter: LedgerFilter): Promise<LedgerRow[]> {
  const { userId, group, kind, beforeId, limit } = filter
  return db
    .select()
    .from(quotaLedger)
    .where(
      and(
        eq(quotaLedger.userId, userId),
        group === undefined ? undefined : eq(quotaLedger.groupName, group),
        kind && eq(quotaLedger.kind, kind),
        beforeId === undefined ? undefined : lt(quotaLedger.id, beforeId),
      ),
    )
    .orderBy(desc(quotaLedger.id))
    .limit(limit)
}
