import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { toUnits } from '../../platform/units.ts'
import { type LedgerRow, readLedger } from './ledger-queries.ts'
import type { LedgerPage, LedgerQuery } from './schemas.ts'

/**
 * Every change of somebody's pools, the newest first.
 *
 * @param userId whose; the caller's own unless the caller has asked whether they may see others'
 */
export async function listLedger(
  ctx: Ctx,
  { group, kind, cursor, limit }: z.output<typeof LedgerQuery>,
  userId = requirePerson(ctx).userId,
): Promise<z.input<typeof LedgerPage>> {
  const rows = await readLedger(ctx.services.db, {
    userId,
    group,
    kind,
    beforeId: cursor,
    limit: limit + 1,
  })
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(toEntry),
    next_cursor: rows.length > limit && last ? String(last.id) : null,
  }
}

function toEntry(row: LedgerRow) {
  return {
    id: row.id,
    at: row.createdAt.toISOString(),
    group: row.groupName,
    kind: row.kind,
    amount: toUnits(row.amount),
    balance_after: toUnits(row.balanceAfter),
    model: row.model,
  }
}
